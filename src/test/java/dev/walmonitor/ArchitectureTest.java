package dev.walmonitor;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may import whom. A package that is not named here may not be. */
class ArchitectureTest {
    private static final String ROOT = "dev.walmonitor";

    /** What the classes of a package may import of ours, besides their own. */
    private static final Map<String, Set<String>> MAY_IMPORT =
            new TreeMap<>(
                    Map.of(
                            "change", Set.of(),
                            "source", Set.of("change"),
                            "rule", Set.of("change"),
                            "sink", Set.of("change"),
                            "handler", Set.of("change", "rule", "sink"),
                            "pipeline", Set.of("change", "rule", "sink", "handler", "source"),
                            "monitor",
                                    Set.of(
                                            "change",
                                            "rule",
                                            "sink",
                                            "handler",
                                            "source",
                                            "pipeline"),
                            "admin",
                                    Set.of(
                                            "change",
                                            "rule",
                                            "sink",
                                            "handler",
                                            "source",
                                            "pipeline",
                                            "monitor")));

    /**
     * What is at the rim: the settings before the start, the traces, and what only dev and tests
     * have.
     */
    private static final Map<String, Set<String>> RIM =
            Map.of(
                    "settings", Set.of("source"),
                    "embedded", Set.of(),
                    "tracing", Set.of("change", "rule", "sink", "handler", "source", "pipeline"),
                    "demo", Set.of("change", "rule", "sink", "handler", "source", "pipeline"));

    private static final Set<String> FORBIDDEN =
            Set.of("util", "common", "impl", "model", "service", "dto", "helper", "manager");

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages(ROOT);

    static Map<String, Set<String>> packages() {
        Map<String, Set<String>> all = new TreeMap<>(MAY_IMPORT);
        all.putAll(RIM);
        return all;
    }

    static Set<String> names() {
        return packages().keySet();
    }

    private static String within(String name) {
        return ROOT + "." + name + "..";
    }

    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(CLASSES);
    }

    @ParameterizedTest
    @MethodSource("names")
    void importsOnlyWhatItMay(String name) {
        List<String> allowed = new ArrayList<>();
        allowed.add(within(name));
        packages().getOrDefault(name, Set.of()).forEach(other -> allowed.add(within(other)));

        check(
                classes()
                        .that()
                        .resideInAPackage(within(name))
                        .should()
                        .onlyDependOnClassesThat(
                                resideOutsideOfPackage(ROOT + "..")
                                        .or(resideInAnyPackage(allowed.toArray(String[]::new)))));
    }

    @Test
    void everyPackageHasItsPlace() {
        Set<String> tops = new TreeSet<>();
        for (JavaClass each : CLASSES) {
            if (!each.getPackageName().equals(ROOT)) {
                tops.add(each.getPackageName().substring(ROOT.length() + 1).split("\\.", 2)[0]);
            }
        }

        assertThat(names()).containsAll(tops);
    }

    @Test
    void noPackageHasANameThatSaysNothing() {
        Set<String> words = new TreeSet<>();
        for (JavaClass each : CLASSES) {
            words.addAll(List.of(each.getPackageName().split("\\.")));
        }

        assertThat(words).doesNotContainAnyElementsOf(FORBIDDEN);
    }

    @Test
    void packagesAreFreeOfCycles() {
        check(slices().matching(ROOT + ".(**)").should().beFreeOfCycles());
    }

    @ParameterizedTest
    @ValueSource(strings = {"embedded", "demo", "tracing", "source.postgres"})
    void isImportedByNobody(String name) {
        check(
                noClasses()
                        .that()
                        .resideOutsideOfPackage(within(name))
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage(within(name)));
    }

    /** How rows look as JSON is no action, but a thing that actions share. */
    @Test
    void anActionIsImportedByNobody() {
        check(
                slices().matching(ROOT + ".handler.(*)..")
                        .should()
                        .notDependOnEachOther()
                        .ignoreDependency(alwaysTrue(), resideInAPackage(within("handler.json"))));
        check(
                noClasses()
                        .that()
                        .resideInAPackage(within("handler.json"))
                        .should()
                        .dependOnClassesThat(
                                resideInAPackage(ROOT + ".handler..")
                                        .and(not(resideInAPackage(within("handler.json"))))));
        check(
                noClasses()
                        .that()
                        .resideOutsideOfPackage(ROOT + ".handler.*..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage(ROOT + ".handler.*.."));
    }

    /**
     * But for the classes that bind addresses to the queries and statements of rules, and the demo,
     * which is an action. Requests to the outside are one thing for all sinks that make them.
     */
    @Test
    void aSinkIsImportedByActionsAlone() {
        check(
                slices().matching(ROOT + ".sink.(*)..")
                        .should()
                        .notDependOnEachOther()
                        .ignoreDependency(alwaysTrue(), resideInAPackage(within("sink.http"))));
        check(
                noClasses()
                        .that()
                        .resideOutsideOfPackages(
                                ROOT + ".sink.*..", ROOT + ".handler.*..", within("demo"))
                        .and()
                        .haveNameNotMatching(
                                ".*\\.(pipeline\\.SourceQueries|admin\\.ConfiguredDatasources)(\\$.*)?")
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage(ROOT + ".sink.*.."));
    }

    @Test
    void theWireKnowsNoMessagesAndTheMessagesNoWire() {
        String postgres = ROOT + ".source.postgres.";
        check(
                noClasses()
                        .that()
                        .resideInAPackage(postgres + "wire..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(postgres + "pgoutput..", postgres + "replication.."));
        check(
                noClasses()
                        .that()
                        .resideInAPackage(postgres + "pgoutput..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(postgres + "wire..", postgres + "replication.."));
    }

    @ParameterizedTest
    @ValueSource(strings = {"types", "spill"})
    void knowsNothingOfTheProtocol(String name) {
        String postgres = ROOT + ".source.postgres.";
        check(
                noClasses()
                        .that()
                        .resideInAPackage(postgres + name + "..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(
                                postgres + "wire..",
                                postgres + "pgoutput..",
                                postgres + "replication.."));
    }

    @Test
    void buffersOfTheNetworkStayInTheSource() {
        check(
                noClasses()
                        .that(not(resideInAPackage(within("source.postgres"))))
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage("io.netty.buffer.."));
    }

    @Test
    void entitiesLiveInTheMonitor() {
        check(
                classes()
                        .that()
                        .areAnnotatedWith("jakarta.persistence.Entity")
                        .or()
                        .areAssignableTo("io.quarkus.hibernate.reactive.panache.PanacheEntityBase")
                        .should()
                        .resideInAPackage(within("monitor")));
    }
}
