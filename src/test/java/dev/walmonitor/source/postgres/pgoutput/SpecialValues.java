package dev.walmonitor.source.postgres.pgoutput;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Values at the edges of their types. */
public final class SpecialValues {

    private static final List<String> INTERVALS_SINCE_17 =
            List.of("infinity", "-infinity", "1 mon -1 day");

    private SpecialValues() {}

    /** Statements that make the types that are not the server's own. */
    public static final List<String> TYPES =
            List.of(
                    "SET lc_monetary = 'C'",
                    "CREATE TYPE mood AS ENUM ('sad', 'very happy')",
                    "CREATE TYPE pair AS (n int, s text)",
                    "CREATE TYPE nest AS (p pair, m mood[], r int4range)",
                    "CREATE DOMAIN positive AS int CHECK (VALUE > 0)",
                    "CREATE DOMAIN small AS positive",
                    "CREATE DOMAIN words AS text[]",
                    "CREATE DOMAIN span AS int4range",
                    "CREATE TYPE textrange AS RANGE (subtype = text)",
                    "CREATE TYPE floatrange AS RANGE (subtype = float8)");

    /**
     * Literals as one writes them in SQL, by type.
     *
     * @param version of the server, as in {@code server_version_num}
     */
    public static Map<String, List<String>> byType(int version) {
        Map<String, List<String>> v = new LinkedHashMap<>(byType());
        if (version >= 170_000) {
            v.put("interval ", INTERVALS_SINCE_17);
        }
        return v;
    }

    private static Map<String, List<String>> byType() {
        Map<String, List<String>> v = new LinkedHashMap<>();
        v.put("bool", List.of("true", "false"));
        v.put("int2", List.of("0", "-32768", "32767"));
        v.put("int4", List.of("0", "-2147483648", "2147483647"));
        v.put("int8", List.of("0", "-9223372036854775808", "9223372036854775807"));
        v.put("oid", List.of("0", "4294967295"));
        v.put("xid", List.of("3", "4294967295"));
        v.put("cid", List.of("0", "4294967295"));
        v.put("xid8", List.of("3", "18446744073709551615"));
        v.put("tid", List.of("(0,0)", "(4294967295,65535)"));
        v.put("pg_lsn", List.of("0/0", "16/B374D848", "FFFFFFFF/FFFFFFFF", "1/A"));
        v.put(
                "float4",
                List.of(
                        "NaN",
                        "Infinity",
                        "-Infinity",
                        "0",
                        "-0",
                        "1",
                        "-1",
                        "0.1",
                        "1e-4",
                        "1e-5",
                        "0.00012345",
                        "100000",
                        "123456",
                        "1e6",
                        "1234567",
                        "999999.9",
                        "1e10",
                        "1e-45",
                        "3.4028235e38",
                        "1.17549435e-38",
                        "16777216",
                        "8388608.5",
                        "33554432",
                        "1.5e-10",
                        "9.5367431640625e-07",
                        "5e-39"));
        v.put(
                "float8",
                List.of(
                        "NaN",
                        "Infinity",
                        "-Infinity",
                        "0",
                        "-0",
                        "1",
                        "-1",
                        "0.1",
                        "5e-324",
                        "1.7976931348623157e308",
                        "2.2250738585072014e-308",
                        "1e-4",
                        "1e-5",
                        "0.00012345",
                        "1e14",
                        "123456789012345",
                        "1e15",
                        "1234567890123456",
                        "9007199254740991",
                        "9007199254740992",
                        "9007199254740993",
                        "1e23",
                        "1e22",
                        "8.41e21",
                        "2e-323",
                        "9.5e-322",
                        "123e-320",
                        "4503599627370496.5",
                        "4503599627370497.5",
                        "9.5367431640625e-07",
                        "0.3",
                        "1e100",
                        "1e-100",
                        "1.5e300",
                        "2251799813685248.25",
                        "5e-320",
                        "1e16",
                        "9.999999999999999e22"));
        v.put(
                "numeric",
                List.of(
                        "NaN",
                        "Infinity",
                        "-Infinity",
                        "0",
                        "0.000",
                        "-0.5",
                        "1",
                        "10000",
                        "9999",
                        "100000000",
                        "0.0001",
                        "0.00001",
                        "1E-1000",
                        "1E1000",
                        "-12345.67890",
                        "123456789012345678901234567890.123456789",
                        "99999999.99999999",
                        "1e-20",
                        "5000.0000",
                        "0.00000000000000000000000000000000000001"));
        v.put("numeric(12,4)", List.of("1.5", "-0.0001", "12345678.9"));
        v.put("text", List.of("", "größer 🦉 \\ \" ' \t\n", "NULL"));
        v.put("varchar(20)", List.of("", "x y"));
        v.put("char(5)", List.of("ab   ", "", "abcde"));
        v.put("\"char\"", List.of("a", "", "~"));
        v.put("name", List.of("x", "ünder"));
        v.put("bytea", List.of("", "\\x00ff0a", "\\xdeadbeef"));
        v.put("uuid", List.of("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"));
        v.put("json", List.of("{\"a\":1,\"a\":  2}", "null", "\"x\""));
        v.put("jsonb", List.of("{\"a\": 1e2, \"b\": [null]}", "1.50"));
        v.put("jsonpath", List.of("$.a[*] ? (@ > 1)"));
        v.put(
                "date",
                List.of(
                        "infinity",
                        "-infinity",
                        "2000-01-01",
                        "1999-12-31",
                        "0001-01-01",
                        "0001-12-31 BC",
                        "0044-03-15 BC",
                        "4714-11-24 BC",
                        "5874897-12-31",
                        "10000-01-01",
                        "2024-02-29"));
        v.put("time", List.of("00:00", "24:00:00", "23:59:59.999999", "01:02:03.1"));
        v.put(
                "timetz",
                List.of(
                        "24:00:00+05:30",
                        "00:00-15:59:59",
                        "12:34:56.789-08",
                        "01:02+00",
                        "01:02:03+00:00:01"));
        v.put(
                "timestamp",
                List.of(
                        "infinity",
                        "-infinity",
                        "2000-01-01",
                        "1999-12-31 23:59:59.999999",
                        "0044-03-15 12:00 BC",
                        "4714-11-24 00:00:00 BC",
                        "294276-12-31 23:59:59.999999",
                        "2024-05-06 07:08:09.12"));
        v.put(
                "timestamptz",
                List.of(
                        "infinity",
                        "-infinity",
                        "2000-01-01 00:00+02",
                        "294276-12-31 23:59:59.999999+00",
                        "4713-01-01 00:00:00+00 BC"));
        v.put(
                "interval",
                List.of(
                        "0",
                        "1 year",
                        "-1 year -2 mons +3 days -04:05:06.7",
                        "1 mon -1 day",
                        "-1 mon 1 day",
                        "1 day -00:00:01",
                        "-1 day 00:00:01",
                        "100:00:00.5",
                        "-1 mon +1 year",
                        "25 months 1 day",
                        "178000000 years",
                        "-00:00:00.000001",
                        "-1 day",
                        "2 days"));
        v.put(
                "inet",
                List.of(
                        "1.2.3.4",
                        "10.0.0.0/8",
                        "::1/128",
                        "::",
                        "::/0",
                        "1::",
                        "fe80::1/64",
                        "::ffff:1.2.3.4",
                        "::1.2.3.4",
                        "1:0:0:2:0:0:0:3",
                        "1:0:2:0:3:0:4:0",
                        "2001:db8::",
                        "0:0:0:0:0:fffe:1:2",
                        "0.0.0.0/0"));
        v.put("cidr", List.of("10.0.0.0/8", "1.2.3.4/32", "::/0", "2001:db8::/32", "::1/128"));
        v.put("macaddr", List.of("08:00:2b:01:02:03"));
        v.put("macaddr8", List.of("08:00:2b:01:02:03:04:05"));
        v.put("bit(10)", List.of("0101010101"));
        v.put("varbit", List.of("", "1", "01010101", "111111111"));
        v.put("point", List.of("(1,2.5)", "(NaN,-Infinity)"));
        v.put("lseg", List.of("[(1,2),(3,4)]"));
        v.put("box", List.of("(3,4),(1,2)"));
        v.put("line", List.of("{1,-1,0.5}"));
        v.put("circle", List.of("<(1,2),3>"));
        v.put("polygon", List.of("((0,0),(1,1),(2,0))"));
        v.put("path", List.of("((0,0),(1,1))", "[(0,0),(1,1)]"));
        v.put("tsvector", List.of("", "a fat:2,3A cat:1B,4D", "'it''s \\\\' x"));
        v.put("int2vector", List.of("", "1 2 -3"));
        v.put("oidvector", List.of("", "1 4294967295"));
        v.put("mood", List.of("sad", "very happy"));
        v.put("pair", List.of("(1,\"a,b\")", "(,)", "(,\"\")", "(7,\"q\"\"\\\\ ()\")", "(1,NULL)"));
        v.put(
                "nest",
                List.of("(\"(1,\"\"x y\"\")\",\"{sad,\"\"very happy\"\"}\",\"[1,5)\")", "(,,)"));
        v.put("positive", List.of("7"));
        v.put("small", List.of("8"));
        v.put("words", List.of("{a,NULL}"));
        v.put("span", List.of("[1,5]"));
        v.put("int4range", List.of("[1,5]", "empty", "(,)", "[1,)"));
        v.put("numrange", List.of("(1.50,2.5]", "[NaN,NaN]", "(,Infinity)"));
        v.put("tstzrange", List.of("[2024-01-01 00:00+02,infinity]", "empty"));
        v.put("daterange", List.of("[2024-01-01,2024-01-02]"));
        v.put("textrange", List.of("[\"\",\"a b\"]", "[\"(\",\"\\\\\"]", "(,z)"));
        v.put("floatrange", List.of("[0.1,1e23]"));
        v.put("int4multirange", List.of("{}", "{[1,3),[5,8)}"));
        v.put("tsmultirange", List.of("{[2024-01-01,2024-01-02),(2025-01-01,)}"));
        v.put(
                "int[]",
                List.of(
                        "{}",
                        "{1,NULL,3}",
                        "[0:1]={1,2}",
                        "{{1,2},{3,4}}",
                        "[-1:0][2:3]={{1,2},{3,4}}",
                        "{{{1}}}"));
        v.put(
                "text[]",
                List.of(
                        "{NULL,\"NULL\",\"\",\"null\"}",
                        "{\"a b\",\"a,b\",\"a{b\",\"a}b\"}",
                        "{\"q\\\"\\\\\"}",
                        "{ä,🦉}",
                        "{\"tab\t\",\"nl\n\"}"));
        v.put("bytea[]", List.of("{\"\\\\x00ff\"}"));
        v.put("box[]", List.of("{(3,4),(1,2);(7,8),(5,6)}"));
        v.put("mood[]", List.of("{sad,\"very happy\",NULL}"));
        v.put("pair[]", List.of("{\"(1,\\\"a,b\\\")\",NULL}"));
        v.put("positive[]", List.of("{7}"));
        v.put("int4range[]", List.of("{\"[1,5)\",empty}"));
        v.put("timestamptz[]", List.of("{\"2024-01-01 00:00:00+00\",infinity}"));
        v.put("jsonb[]", List.of("{\"{\\\"a\\\": 1}\"}"));
        return v;
    }
}
