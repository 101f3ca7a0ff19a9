package dev.walmonitor.handler.sql;

import dev.walmonitor.handler.sql.SqlRules.SqlActionConfig;
import dev.walmonitor.rule.Fault;
import dev.walmonitor.rule.Needs;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.Template;
import dev.walmonitor.sink.sql.Query;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a rule runs, and where.
 *
 * @param text the statement as it stands in the rule
 */
record SqlSpec(String datasource, String text, Template.Sql sql) {

    /** What can be explained, and ends no transaction. */
    private static final Pattern RUNNABLE =
            Pattern.compile(
                    "(\\s|--[^\\n]*\\n|/\\*.*?\\*/)*(insert|update|delete|merge|select|with)\\b.*",
                    Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    /** The rule's words as a spec; null if there is a fault. */
    static @Nullable SqlSpec read(Rule rule, Optional<SqlActionConfig> config, List<Fault> faults) {
        int before = faults.size();
        String datasource = config.flatMap(SqlActionConfig::datasource).orElse("").strip();
        if (datasource.isEmpty()) {
            faults.add(
                    new Fault(
                            rule.name(),
                            "sql.datasource is missing;",
                            "write a name below wal-monitor.datasources, or a source's."));
        }
        String text = config.flatMap(SqlActionConfig::statement).orElse("").strip();
        Template.Sql sql = sql(rule, text, faults);
        return sql == null || faults.size() > before ? null : new SqlSpec(datasource, text, sql);
    }

    private static Template.@Nullable Sql sql(Rule rule, String text, List<Fault> faults) {
        if (text.isEmpty()) {
            faults.add(
                    new Fault(
                            rule.name(),
                            "sql.statement is missing;",
                            "write one such as insert into log (id) values ({id})."));
            return null;
        }
        if (!RUNNABLE.matcher(text).matches()) {
            faults.add(
                    new Fault(
                            rule.name(),
                            "sql.statement begins with none of INSERT, UPDATE, DELETE, MERGE, SELECT and WITH;",
                            "write one of those; a procedure's work can be done by a function."));
            return null;
        }
        try {
            return Template.parse(text).sql();
        } catch (IllegalArgumentException e) {
            faults.add(
                    new Fault(rule.name(), "sql.statement cannot be read:", e.getMessage() + "."));
            return null;
        }
    }

    Query query() {
        return new Query(sql.fragments());
    }

    Needs needs() {
        return Needs.of(sql.parameters());
    }
}
