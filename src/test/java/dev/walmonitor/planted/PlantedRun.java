package dev.walmonitor.planted;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.engine.JupiterTestEngine;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * Some of our tests, run within a test against the classes of a planted build.
 *
 * @param succeeded how many were green
 * @param skipped how many were not run, or found that they could not be
 * @param failures of the others; one that takes longer than a minute and a half is one
 */
record PlantedRun(long succeeded, long skipped, List<Throwable> failures) {

    /**
     * @param tests such as {@code source.BackoffTest#grows}, below {@code dev.walmonitor}
     */
    static PlantedRun of(ClassLoader build, Stream<String> tests) {
        LauncherDiscoveryRequest request =
                LauncherDiscoveryRequestBuilder.request()
                        .selectors(tests.map(test -> selector(build, test)).toList())
                        .configurationParameter(
                                "junit.jupiter.execution.timeout.testable.method.default", "90 s")
                        .configurationParameter(
                                "junit.jupiter.execution.timeout.thread.mode.default",
                                "SEPARATE_THREAD")
                        .build();
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        launcher().execute(request, listener);
        TestExecutionSummary summary = listener.getSummary();
        return new PlantedRun(
                summary.getTestsSucceededCount(),
                summary.getTestsSkippedCount() + summary.getTestsAbortedCount(),
                summary.getFailures().stream()
                        .map(TestExecutionSummary.Failure::getException)
                        .toList());
    }

    private static DiscoverySelector selector(ClassLoader build, String test) {
        String[] parts = test.split("#", 2);
        try {
            Class<?> type = Class.forName("dev.walmonitor." + parts[0], true, build);
            return selectMethod(type, method(type, parts[1]));
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Method method(Class<?> type, String name) {
        return Arrays.stream(type.getDeclaredMethods())
                .filter(method -> method.getName().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalStateException(
                                "Expected a test " + name + " in " + type.getName()));
    }

    private static Launcher launcher() {
        return LauncherFactory.create(
                LauncherConfig.builder()
                        .addTestEngines(new JupiterTestEngine())
                        .enableTestEngineAutoRegistration(false)
                        .enableLauncherSessionListenerAutoRegistration(false)
                        .enableLauncherDiscoveryListenerAutoRegistration(false)
                        .enablePostDiscoveryFilterAutoRegistration(false)
                        .enableTestExecutionListenerAutoRegistration(false)
                        .build());
    }
}
