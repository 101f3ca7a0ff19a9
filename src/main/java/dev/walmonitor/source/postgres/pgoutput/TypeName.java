package dev.walmonitor.source.postgres.pgoutput;

/**
 * The name of a data type that the server's catalogue does not start with. For a domain it is the
 * name of its <em>base</em> type, though under the OID of the domain: that is what the server says.
 *
 * @param schema as in the catalogue
 */
public record TypeName(String schema, String name) {

    @Override
    public String toString() {
        return schema + "." + name;
    }
}
