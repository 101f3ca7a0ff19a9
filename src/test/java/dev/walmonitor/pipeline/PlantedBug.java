package dev.walmonitor.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/**
 * A way in which the pipeline could be wrong: passages of one of its source files and what stands
 * there instead. It is compiled aside, so that what is shipped knows nothing of it.
 *
 * @param file the simple name of the class
 */
record PlantedBug(String name, String file, List<Edit> edits) {

    /**
     * @param right stands in the file exactly once
     */
    record Edit(String right, String wrong) {}

    PlantedBug(String name, String file, String right, String wrong) {
        this(name, file, List.of(new Edit(right, wrong)));
    }

    PlantedBug and(String right, String wrong) {
        List<Edit> more = new ArrayList<>(edits);
        more.add(new Edit(right, wrong));
        return new PlantedBug(name, file, more);
    }

    private static final String PACKAGE = "dev.walmonitor.pipeline.";
    private static final Path SOURCES = Path.of("src/main/java/dev/walmonitor/pipeline");

    /** The model over a pipeline that has the bug. */
    LongFunction<String> plant(Path directory) {
        try {
            compile(directory);
            return model(new Aside(directory));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void compile(Path directory) throws IOException {
        String source = Files.readString(SOURCES.resolve(file + ".java"));
        for (Edit edit : edits) {
            source = edited(source, edit);
        }
        Path changed = directory.resolve(file + ".java");
        Files.writeString(changed, source);
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
                                    files.getJavaFileObjects(changed))
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
                    "Expected %s.java to hold once, for the planted bug \"%s\":%n%s"
                            .formatted(file, name, edit.right()));
        }
        return source.replace(edit.right(), edit.wrong());
    }

    @SuppressWarnings("unchecked")
    private static LongFunction<String> model(ClassLoader loader) {
        try {
            return (LongFunction<String>)
                    loader.loadClass(PACKAGE + "PipelineModel").getConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() {
        return name;
    }

    /** A pipeline and a model of its own; what the directory holds goes before what is shipped. */
    private static final class Aside extends ClassLoader {
        private final Path directory;

        private Aside(Path directory) {
            super(PlantedBug.class.getClassLoader());
            this.directory = directory;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                Class<?> known = findLoadedClass(name);
                if (known != null) {
                    return known;
                }
                return name.startsWith(PACKAGE) ? define(name) : super.loadClass(name, resolve);
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            String file = name.replace('.', '/') + ".class";
            Path changed = directory.resolve(file);
            try (InputStream in =
                    Files.exists(changed)
                            ? Files.newInputStream(changed)
                            : getParent().getResourceAsStream(file)) {
                if (in == null) {
                    throw new ClassNotFoundException(name);
                }
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }
}
