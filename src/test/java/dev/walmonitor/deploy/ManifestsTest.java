package dev.walmonitor.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.source.yaml.YamlConfigSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ManifestsTest {
    private static final PodSpec POD = Manifests.deployment().getSpec().getTemplate().getSpec();
    private static final Container CONTAINER = Manifests.container();
    private static final SmallRyeConfig APPLICATION = application();

    @Test
    void noManifestHasAFieldThatKubernetesDoesNotKnow() {
        assertThat(Manifests.all())
                .allSatisfy(manifest -> assertThat(UnknownFields.of(manifest)).isEmpty());
    }

    @Test
    void aMisspeltFieldWouldBeFound() {
        String misspelt =
                Manifests.text("deployment.yaml").replace("periodSeconds", "periodSecond");

        assertThat(UnknownFields.of(Serialization.unmarshal(misspelt, Deployment.class)))
                .contains(".Spec.Template.Spec.Containers[].ReadinessProbe.periodSecond");
    }

    @Test
    void kustomizeTakesEveryFileThatIsThere() throws IOException {
        Map<?, ?> kustomization = yaml("kustomization.yaml");
        try (Stream<Path> files = Files.list(Manifests.DIRECTORY)) {
            List<String> others =
                    files.filter(Files::isRegularFile)
                            .map(file -> file.getFileName().toString())
                            .filter(name ->
                                    !name.equals("kustomization.yaml")
                                            && !name.equals("servicemonitor.yaml"))
                            .toList();
            assertThat(list(kustomization, "resources"))
                    .containsExactlyInAnyOrderElementsOf(others);
        }
        assertThat(list(kustomization, "images"))
                .isEqualTo(List.of(Map.of("name", CONTAINER.getImage(), "newTag", "latest")));
    }

    @Test
    void theRulesAreMountedWhereTheImageLooksForThem() {
        assertThat(list(yaml("kustomization.yaml"), "configMapGenerator"))
                .isEqualTo(
                        List.of(
                                Map.of(
                                        "name",
                                        volume("config").getConfigMap().getName(),
                                        "files",
                                        List.of("config/application.yaml"))));
        assertThat(Manifests.text("config/application.yaml")).contains("  rules:\n");
        assertThat(CONTAINER.getVolumeMounts())
                .anySatisfy(mount -> {
                    assertThat(mount.getName()).isEqualTo("config");
                    assertThat(mount.getMountPath())
                            .isEqualTo(Dockerfile.jvm().workingDirectory() + "/config");
                });
    }

    @Test
    void theDatabasesComeFromTheSecret() {
        assertThat(CONTAINER.getEnvFrom())
                .extracting(EnvFromSource::getSecretRef)
                .extracting("name")
                .containsExactly(Manifests.secret().getMetadata().getName());
        assertThat(Manifests.secret().getStringData())
                .containsOnlyKeys("DATABASE_URL", "REDIS_URL");
    }

    @Test
    void portsAreThoseOfTheApplication() {
        assertThat(CONTAINER.getPorts())
                .extracting(ContainerPort::getName, ContainerPort::getContainerPort)
                .containsExactly(
                        tuple("http", number("quarkus.http.port")),
                        tuple("management", number("quarkus.management.port")));
        assertThat(Manifests.service().getSpec().getPorts())
                .allSatisfy(port ->
                        assertThat(
                                        containerPort(port.getTargetPort().getStrVal())
                                                .getContainerPort())
                                .isEqualTo(port.getPort()));
        for (Dockerfile dockerfile : List.of(Dockerfile.jvm(), Dockerfile.nativeImage())) {
            assertThat(dockerfile.exposed())
                    .containsExactly(
                            number("quarkus.http.port"), number("quarkus.management.port"));
        }
    }

    @Test
    void probesAndMetricsAreAskedOnTheManagementPort() {
        assertThat(APPLICATION.getValue("quarkus.management.enabled", Boolean.class)).isTrue();
        String root = APPLICATION.getValue("quarkus.management.root-path", String.class);

        assertThat(Manifests.probes())
                .allMatch(probe -> probe.getPort().getStrVal().equals("management"));
        assertThat(Manifests.probes())
                .extracting(HTTPGetAction::getPath)
                .containsExactly(
                        root + "/health/live", root + "/health/ready", root + "/health/started");
        assertThat(Manifests.serviceMonitor().getSpec().getEndpoints())
                .allSatisfy(endpoint -> {
                    assertThat(endpoint.getPort()).isEqualTo("management");
                    assertThat(endpoint.getPath()).isEqualTo(root + "/metrics");
                });
    }

    @Test
    void selectorsFindWhatTheyShould() {
        Map<String, String> pod =
                Manifests.deployment().getSpec().getTemplate().getMetadata().getLabels();

        assertThat(pod)
                .containsAllEntriesOf(
                        Manifests.deployment().getSpec().getSelector().getMatchLabels());
        assertThat(pod).containsAllEntriesOf(Manifests.service().getSpec().getSelector());
        assertThat(Manifests.service().getMetadata().getLabels())
                .containsAllEntriesOf(
                        Manifests.serviceMonitor().getSpec().getSelector().getMatchLabels());
        assertThat(Manifests.service().getSpec().getPorts())
                .extracting(ServicePort::getName)
                .contains(Manifests.serviceMonitor().getSpec().getEndpoints().getFirst().getPort());
    }

    @Test
    void operatorsReachAnInstanceThatIsNotReadyAndNobodyElseDoes() {
        assertThat(Manifests.service().getSpec().getPublishNotReadyAddresses()).isNull();
        assertThat(Manifests.operators().getSpec().getPublishNotReadyAddresses()).isTrue();
        assertThat(Manifests.operators().getSpec().getSelector())
                .isEqualTo(Manifests.deployment().getSpec().getSelector().getMatchLabels());
        assertThat(Manifests.operators().getSpec().getPorts())
                .as("what Prometheus scrapes is found once")
                .extracting(ServicePort::getName, ServicePort::getPort)
                .containsExactly(tuple("http", number("quarkus.http.port")));
        assertThat(Manifests.operators().getSpec().getPorts())
                .extracting(port -> port.getTargetPort().getStrVal())
                .containsExactly("http");
    }

    @Test
    void theContainerHasNoRightsThatItDoesNotNeed() {
        assertThat(POD.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(POD.getSecurityContext().getRunAsUser()).isEqualTo(Dockerfile.jvm().user());
        assertThat(POD.getAutomountServiceAccountToken()).isFalse();
        assertThat(CONTAINER.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
        assertThat(CONTAINER.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        assertThat(CONTAINER.getSecurityContext().getCapabilities().getDrop())
                .containsExactly("ALL");
    }

    private static Volume volume(String name) {
        return POD.getVolumes().stream()
                .filter(v -> v.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static ContainerPort containerPort(String name) {
        return CONTAINER.getPorts().stream()
                .filter(p -> p.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static int number(String property) {
        return APPLICATION.getValue(property, Integer.class);
    }

    private static Map<?, ?> yaml(String file) {
        return Serialization.unmarshal(Manifests.text(file), Map.class);
    }

    private static List<Object> list(Map<?, ?> yaml, String key) {
        return List.copyOf((List<?>) Objects.requireNonNull(yaml.get(key)));
    }

    /** The settings of the packaged application. */
    private static SmallRyeConfig application() {
        try {
            return new SmallRyeConfigBuilder()
                    .withProfile("prod")
                    .withSources(
                            new YamlConfigSource(
                                    Path.of("src/main/resources/application.yaml").toUri().toURL()))
                    .addDefaultInterceptors()
                    .build();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
