package dev.walmonitor.planted;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/**
 * A way in which the service could be wrong: passages of its source files and what stands there
 * instead. It is compiled aside, so that what is shipped knows nothing of it.
 */
public record PlantedBug(String name, List<Edit> edits) {

    /**
     * @param type the class, by its name below {@code dev.walmonitor}, such as {@code
     *     pipeline.Watermark}
     * @param right stands in its file exactly once
     */
    public record Edit(String type, String right, String wrong) {}

    private static final String ROOT = "dev.walmonitor.";
    private static final Path SOURCES = Path.of("src/main/java/dev/walmonitor");

    public PlantedBug(String name, String type, String right, String wrong) {
        this(name, List.of(new Edit(type, right, wrong)));
    }

    /** With one more passage of the same class. */
    public PlantedBug and(String right, String wrong) {
        return and(edits.getLast().type(), right, wrong);
    }

    /** With a passage of another class. */
    public PlantedBug and(String type, String right, String wrong) {
        List<Edit> more = new ArrayList<>(edits);
        more.add(new Edit(type, right, wrong));
        return new PlantedBug(name, more);
    }

    /**
     * Makes an object whose class, and all classes that it needs from the given packages, are those
     * of the planted build. It can be spoken to in types of other packages only.
     *
     * @param directory empty; the changed classes go there
     * @param own the packages, those below them included, that the build has of its own
     * @param type has a constructor without arguments
     */
    public Object plant(Path directory, List<String> own, String type) {
        try {
            return build(directory, own).loadClass(type).getConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The planted build; for the parameters see {@link #plant}. */
    ClassLoader build(Path directory, List<String> own) {
        try {
            compile(directory);
            return new PlantedClasses(directory, own);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Fails if a passage does not stand where it is to be replaced. */
    void check() {
        try {
            var _ = sources();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void compile(Path directory) throws IOException {
        List<Path> changed = new ArrayList<>();
        for (var source : sources().entrySet()) {
            Path file = directory.resolve(path(source.getKey()));
            Files.createDirectories(file.getParent());
            changed.add(Files.writeString(file, source.getValue()));
        }
        if (!changed.isEmpty()) {
            compile(changed, directory);
        }
    }

    private Map<String, String> sources() throws IOException {
        Map<String, String> sources = new LinkedHashMap<>();
        for (Edit edit : edits) {
            String source = sources.get(edit.type());
            if (source == null) {
                source = Files.readString(SOURCES.resolve(path(edit.type())));
            }
            sources.put(edit.type(), edited(source, edit));
        }
        return sources;
    }

    private void compile(List<Path> changed, Path directory) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter errors = new StringWriter();
        List<String> options =
                List.of(
                        "-classpath",
                        System.getProperty("java.class.path"),
                        "-proc:none",
                        "-nowarn",
                        "-d",
                        directory.toString());
        try (var files = compiler.getStandardFileManager(null, null, UTF_8)) {
            boolean compiled =
                    compiler.getTask(
                                    errors,
                                    files,
                                    null,
                                    options,
                                    null,
                                    files.getJavaFileObjectsFromPaths(changed))
                            .call();
            if (!compiled) {
                throw new IllegalStateException(
                        "The planted bug \"" + name + "\" does not compile: " + errors);
            }
        }
    }

    private String edited(String source, Edit edit) {
        int place = source.indexOf(edit.right());
        if (place < 0 || place != source.lastIndexOf(edit.right())) {
            throw new IllegalStateException(
                    "Expected %s%s to hold once, for the planted bug \"%s\":%n%s"
                            .formatted(ROOT, edit.type(), name, edit.right()));
        }
        return source.replace(edit.right(), edit.wrong());
    }

    private static String path(String type) {
        return type.replace('.', '/') + ".java";
    }

    @Override
    public String toString() {
        return name;
    }
}
