package dev.walmonitor.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class DockerfileTest {

    @Test
    void theJvmImageTakesTheServiceInLayersAndItsAotCacheIfThereIsOne() {
        Dockerfile jvm = Dockerfile.jvm();

        assertThat(jvm.copied())
                .containsExactly(
                        "target/quarkus-app/lib/",
                        "target/quarkus-app/*.jar",
                        "target/quarkus-app/*.aot",
                        "target/quarkus-app/app/",
                        "target/quarkus-app/quarkus/");
        assertThat(jvm.ignore()).containsExactly("*", "!target/quarkus-app");
        assertThat(jvm.arguments("ENTRYPOINT").getFirst())
                .contains(
                        "[ -r wal-monitor.aot ]",
                        "-XX:AOTCache=wal-monitor.aot",
                        "exec java ",
                        "-jar quarkus-run.jar");
    }

    @Test
    void theNativeImageTakesTheExecutable() {
        Dockerfile nativeImage = Dockerfile.nativeImage();

        assertThat(nativeImage.copied()).containsExactly("target/*-runner");
        assertThat(nativeImage.ignore()).containsExactly("*", "!target/*-runner");
    }

    @Test
    void theBaseIsForTheUserToChooseAndNobodyIsRoot() {
        for (Dockerfile dockerfile : List.of(Dockerfile.jvm(), Dockerfile.nativeImage())) {
            assertThat(dockerfile.lines().getFirst()).startsWith("ARG BASE=");
            assertThat(dockerfile.arguments("FROM")).containsExactly("${BASE}");
            assertThat(dockerfile.user()).isEqualTo(185);
        }
    }
}
