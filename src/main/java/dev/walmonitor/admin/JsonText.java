package dev.walmonitor.admin;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.deser.std.StringDeserializer;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.module.SimpleModule;
import io.quarkus.jackson.ObjectMapperCustomizer;
import jakarta.inject.Singleton;
import java.io.IOException;

/**
 * Refuses text with a character 0 in it, which PostgreSQL has no place for, and objects that have a
 * key twice.
 */
@Singleton
class JsonText implements ObjectMapperCustomizer {

    @Override
    public void customize(ObjectMapper mapper) {
        var _ = mapper.enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
        var _ = mapper.registerModule(new SimpleModule().addDeserializer(String.class, new Text()));
    }

    private static final class Text extends StringDeserializer {
        private static final long serialVersionUID = 1L;

        @Override
        public String deserialize(JsonParser parser, DeserializationContext context)
                throws IOException {
            String text = super.deserialize(parser, context);
            if (text != null && text.indexOf('\0') >= 0) {
                throw InvalidFormatException.from(
                        parser, "Expected text without a character 0", text, String.class);
            }
            return text;
        }
    }
}
