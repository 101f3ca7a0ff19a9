package dev.walmonitor.deploy;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The manifests of {@code k8s}, as the types of Kubernetes' API. */
public final class Manifests {
    static final Path DIRECTORY = Path.of("k8s");

    private Manifests() {}

    static Deployment deployment() {
        return read("deployment.yaml", Deployment.class);
    }

    static Secret secret() {
        return read("secret.yaml", Secret.class);
    }

    static Service service() {
        return read("service.yaml", Service.class);
    }

    static Service operators() {
        return read("operators.yaml", Service.class);
    }

    static ServiceMonitor serviceMonitor() {
        return read("servicemonitor.yaml", ServiceMonitor.class);
    }

    static List<HasMetadata> all() {
        return List.of(deployment(), secret(), service(), operators(), serviceMonitor());
    }

    static Container container() {
        return deployment().getSpec().getTemplate().getSpec().getContainers().getFirst();
    }

    /** What the kubelet asks: live, ready, started. */
    public static List<HTTPGetAction> probes() {
        Container container = container();
        return List.of(
                container.getLivenessProbe().getHttpGet(),
                container.getReadinessProbe().getHttpGet(),
                container.getStartupProbe().getHttpGet());
    }

    /** What Prometheus asks. */
    public static String metricsPath() {
        return serviceMonitor().getSpec().getEndpoints().getFirst().getPath();
    }

    static String text(String file) {
        try {
            return Files.readString(DIRECTORY.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static <T> T read(String file, Class<T> type) {
        return Serialization.unmarshal(text(file), type);
    }
}
