package dev.walmonitor.planted;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Has the classes of some packages of its own, whatever was loaded before; what the directory holds
 * goes before what is shipped.
 */
final class PlantedClasses extends ClassLoader {
    private final Path directory;
    private final List<String> own;

    PlantedClasses(Path directory, List<String> own) {
        super(PlantedClasses.class.getClassLoader());
        this.directory = directory;
        this.own = List.copyOf(own);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            Class<?> known = findLoadedClass(name);
            if (known != null) {
                return known;
            }
            return isOwn(name) ? define(name) : super.loadClass(name, resolve);
        }
    }

    private boolean isOwn(String name) {
        return own.stream().anyMatch(pack -> name.startsWith(pack + "."));
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
