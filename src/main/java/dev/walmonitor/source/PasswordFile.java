package dev.walmonitor.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A file that holds a password and nothing else, such as a mounted Kubernetes secret. It is read
 * anew each time, so that whoever rotates the password need tell nobody.
 */
record PasswordFile(Path path) {
    private static final int LONGEST = 64 << 10;

    /**
     * What the file holds now, as UTF-8, without the line end that editors leave. Blocks.
     *
     * @throws NoLogin if that is no password; the message names the file and shows nothing of it
     */
    Secret password() {
        String text = withoutLineEnd(text(bytes()));
        if (text.isEmpty()) {
            throw fault("is empty");
        }
        return new Secret(text);
    }

    private byte[] bytes() {
        try (InputStream in = Files.newInputStream(path)) {
            byte[] bytes = in.readNBytes(LONGEST + 1);
            if (bytes.length > LONGEST) {
                throw fault("is longer than " + LONGEST + " bytes, which no password is");
            }
            return bytes;
        } catch (NoSuchFileException e) {
            throw fault("does not exist");
        } catch (AccessDeniedException e) {
            throw fault("may not be read by this process");
        } catch (IOException e) {
            throw fault("cannot be read: " + e.getMessage());
        }
    }

    private String text(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw fault("is not text in UTF-8");
        }
    }

    private static String withoutLineEnd(String text) {
        String line = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
        return line.endsWith("\r") && line.length() < text.length()
                ? line.substring(0, line.length() - 1)
                : line;
    }

    private NoLogin fault(String what) {
        return new NoLogin("The password file " + path + " " + what + ".");
    }
}
