package dev.walmonitor.handler.notify;

import dev.walmonitor.sink.Recipient;
import io.vertx.core.json.JsonObject;

/** A recipient as it is kept while a message waits. */
final class Person {

    private Person() {}

    static String text(Recipient to) {
        JsonObject person = new JsonObject();
        RowMap.of(to).forEach(person::put);
        return person.encode();
    }

    static Recipient of(String text) {
        JsonObject person = new JsonObject(text);
        return new Recipient(
                person.getString("name"),
                person.getString("email"),
                person.getString("slack"),
                person.getString("teams"),
                person.getString("locale"));
    }
}
