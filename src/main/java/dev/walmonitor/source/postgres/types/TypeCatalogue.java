package dev.walmonitor.source.postgres.types;

import dev.walmonitor.source.postgres.types.PgType.Form;
import dev.walmonitor.source.postgres.types.PgType.Form.Container;
import dev.walmonitor.source.postgres.types.PgType.Form.Opaque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The types that a database had at one moment, and with them the text of values that come in binary
 * form. Immutable.
 */
public final class TypeCatalogue {

    /** Knows no type: every value in binary form stays as it is. */
    public static final TypeCatalogue NONE = new TypeCatalogue(Map.of());

    /**
     * Asks for all types, a row each: OID, function that sends it (empty unless it is known to be
     * the server's own), delimiter, and for a range or multirange the type of its bounds. A domain
     * is as the type below it.
     */
    public static final String QUERY =
            """
            with recursive base as (
              select oid, oid as of from pg_catalog.pg_type where typtype <> 'd'
              union all
              select d.oid, b.of from pg_catalog.pg_type d join base b on b.oid = d.typbasetype where d.typtype = 'd'
            )
            select b.oid,
                   case when p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace or p.proname = 'citextsend'
                        then p.proname else '' end,
                   t.typdelim,
                   coalesce(r.rngsubtype, m.rngsubtype)
            from base b
            join pg_catalog.pg_type t on t.oid = b.of
            left join pg_catalog.pg_proc p on p.oid = t.typsend
            left join pg_catalog.pg_range r on r.rngtypid = t.oid
            left join pg_catalog.pg_range m on m.rngmultitypid = t.oid
            """;

    private final Map<Integer, PgType> types;

    private TypeCatalogue(Map<Integer, PgType> types) {
        this.types = types;
    }

    /**
     * @param rows the answer to {@link #QUERY}
     * @param serverVersion as in {@code server_version_num}
     */
    public static TypeCatalogue of(List<List<@Nullable String>> rows, int serverVersion) {
        Map<Integer, PgType> types = new HashMap<>();
        Map<String, Form> forms = new HashMap<>();
        for (List<@Nullable String> row : rows) {
            String send = text(row, 1);
            String of = row.get(3);
            Form form =
                    of == null
                            ? forms.computeIfAbsent(send, name -> form(name, serverVersion))
                            : range(send, Integer.parseUnsignedInt(of));
            types.put(
                    Integer.parseUnsignedInt(text(row, 0)),
                    new PgType(form, text(row, 2).charAt(0)));
        }
        return new TypeCatalogue(Map.copyOf(types));
    }

    private static String text(List<@Nullable String> row, int column) {
        String text = row.get(column);
        return text == null ? "" : text;
    }

    private static Form form(String send, int serverVersion) {
        return switch (send) {
            case "array_send" -> Container.ARRAY;
            case "int2vectorsend", "oidvectorsend" -> Container.VECTOR;
            case "record_send" -> Container.COMPOSITE;
            default -> {
                TextForm scalar = Scalars.form(send, serverVersion);
                yield scalar == null ? Opaque.OPAQUE : new Form.Scalar(scalar);
            }
        };
    }

    private static Form range(String send, int of) {
        return switch (send) {
            case "range_send" -> new Form.Range(of);
            case "multirange_send" -> new Form.Multirange(of);
            default -> Opaque.OPAQUE;
        };
    }

    /** Whether the database had the type. */
    public boolean knows(int oid) {
        return types.containsKey(oid);
    }

    /** The same, and types that it does not have any more, which are not to be asked for again. */
    public TypeCatalogue withGone(Set<Integer> oids) {
        Map<Integer, PgType> more = new HashMap<>(types);
        for (int oid : oids) {
            more.putIfAbsent(oid, new PgType(Opaque.OPAQUE, ','));
        }
        return new TypeCatalogue(Map.copyOf(more));
    }

    /**
     * A value as the server prints it with the settings of our sessions: {@code datestyle ISO},
     * {@code intervalstyle postgres}, {@code bytea_output hex}, {@code extra_float_digits 3},
     * {@code timezone UTC}.
     *
     * @param oid of its type
     * @return null if the type is not known, has no text of ours, or the value is not of it
     */
    public @Nullable String text(int oid, byte[] bytes, int from, int to) {
        try {
            return text(oid, new BinaryValue(bytes, from, to));
        } catch (BinaryValue.Malformed e) {
            return null;
        }
    }

    /** Reads the value to its end. */
    String text(int oid, BinaryValue in) {
        PgType type = types.get(oid);
        if (type == null) {
            throw new BinaryValue.Malformed();
        }
        String text =
                switch (type.form()) {
                    case Form.Scalar scalar -> scalar.text().text(in);
                    case Container.ARRAY -> Containers.array(in, this);
                    case Container.VECTOR -> Containers.vector(in, this);
                    case Container.COMPOSITE -> Containers.composite(in, this);
                    case Form.Range range -> Containers.range(in, range.of(), this);
                    case Form.Multirange many -> Containers.multirange(in, many.of(), this);
                    case Opaque.OPAQUE -> throw new BinaryValue.Malformed();
                };
        in.end();
        return text;
    }

    char delimiter(int oid) {
        PgType type = types.get(oid);
        return type == null ? ',' : type.delimiter();
    }
}
