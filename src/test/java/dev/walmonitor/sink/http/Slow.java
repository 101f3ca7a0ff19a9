package dev.walmonitor.sink.http;

import io.vertx.core.Future;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/** Requests whose sender is held up after each step, as by a scheduler that is busy. */
final class Slow {
    private static final int MILLIS = 300;

    private Slow() {}

    @SuppressWarnings("unchecked")
    static HttpClient client(HttpClient client) {
        return proxy(
                HttpClient.class,
                (method, arguments) -> {
                    Object answer = method.invoke(client, arguments);
                    return method.getName().equals("request")
                            ? future(((Future<HttpClientRequest>) answer).map(Slow::request))
                            : answer;
                });
    }

    private static Future<?> future(Future<HttpClientRequest> future) {
        return proxy(Future.class, heldUpAfter("toCompletionStage", future));
    }

    private static HttpClientRequest request(HttpClientRequest request) {
        return proxy(HttpClientRequest.class, heldUpAfter("send", request));
    }

    private static Call heldUpAfter(String name, Object of) {
        return (method, arguments) -> {
            Object answer = method.invoke(of, arguments);
            if (method.getName().equals(name)) {
                Thread.sleep(MILLIS);
            }
            return answer;
        };
    }

    @FunctionalInterface
    private interface Call {
        Object of(Method method, @Nullable Object[] arguments)
                throws InvocationTargetException, IllegalAccessException, InterruptedException;
    }

    private static <T> T proxy(Class<T> type, Call call) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (self, method, arguments) -> call.of(method, arguments)));
    }
}
