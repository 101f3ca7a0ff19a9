package dev.walmonitor.admin.doors;

import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An OpenID provider that shows its keys, and signs what it is asked to. */
public final class Issuer implements QuarkusTestResourceLifecycleManager {
    private static final String KEY = "test.issuer.key";
    private static final Base64.Encoder URL = Base64.getUrlEncoder().withoutPadding();

    private @Nullable HttpServer server;

    @Override
    public Map<String, String> start() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            KeyPair keys = generator.generateKeyPair();
            HttpServer started =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            String url = "http://127.0.0.1:" + started.getAddress().getPort();
            answer(
                    started,
                    "/.well-known/openid-configuration",
                    new JsonObject().put("issuer", url).put("jwks_uri", url + "/keys"));
            answer(
                    started,
                    "/keys",
                    new JsonObject()
                            .put(
                                    "keys",
                                    new JsonArray().add(key((RSAPublicKey) keys.getPublic()))));
            started.start();
            server = started;
            return Map.of(
                    "quarkus.oidc.auth-server-url",
                    url,
                    KEY,
                    Base64.getEncoder().encodeToString(keys.getPrivate().getEncoded()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void answer(HttpServer server, String path, JsonObject json) {
        byte[] body = json.encode().getBytes(StandardCharsets.UTF_8);
        server.createContext(
                path,
                exchange -> {
                    try (exchange) {
                        exchange.getResponseHeaders().add("Content-Type", "application/json");
                        exchange.sendResponseHeaders(200, body.length);
                        exchange.getResponseBody().write(body);
                    }
                });
    }

    private static JsonObject key(RSAPublicKey key) {
        return new JsonObject()
                .put("kty", "RSA")
                .put("kid", "1")
                .put("alg", "RS256")
                .put("use", "sig")
                .put("n", URL.encodeToString(unsigned(key.getModulus().toByteArray())))
                .put("e", URL.encodeToString(key.getPublicExponent().toByteArray()));
    }

    private static byte[] unsigned(byte[] bytes) {
        return bytes[0] == 0 ? java.util.Arrays.copyOfRange(bytes, 1, bytes.length) : bytes;
    }

    /**
     * A token.
     *
     * @param setting of the running application
     */
    static String token(
            java.util.function.UnaryOperator<String> setting,
            String name,
            Instant expires,
            List<String> roles) {
        try {
            PrivateKey key =
                    KeyFactory.getInstance("RSA")
                            .generatePrivate(
                                    new PKCS8EncodedKeySpec(
                                            Base64.getDecoder().decode(setting.apply(KEY))));
            String text =
                    part(new JsonObject().put("alg", "RS256").put("typ", "JWT").put("kid", "1"))
                            + "."
                            + part(
                                    new JsonObject()
                                            .put(
                                                    "iss",
                                                    setting.apply("quarkus.oidc.auth-server-url"))
                                            .put("sub", name)
                                            .put("upn", name)
                                            .put("iat", expires.getEpochSecond() - 300)
                                            .put("exp", expires.getEpochSecond())
                                            .put("groups", new JsonArray(roles)));
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(key);
            signature.update(text.getBytes(StandardCharsets.US_ASCII));
            return text + "." + URL.encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String part(JsonObject json) {
        return URL.encodeToString(json.encode().getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void stop() {
        if (server != null) {
            server.stop(0);
        }
    }
}
