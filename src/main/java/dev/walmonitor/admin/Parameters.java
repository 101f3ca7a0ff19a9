package dev.walmonitor.admin;

import dev.walmonitor.monitor.MonitorStatus;

/** Parameters of a query that several resources have, as they were written. */
final class Parameters {
    private Parameters() {}

    /**
     * @throws io.quarkiverse.resteasy.problem.HttpProblem if it is none
     */
    static MonitorStatus status(String text) {
        for (MonitorStatus status : MonitorStatus.values()) {
            if (status.name().equals(text)) {
                return status;
            }
        }
        throw BarrierProblems.badParameter(
                "status", "Expected ACTIVE, IDLE or ERROR, got \"" + text + "\"");
    }

    /**
     * @throws io.quarkiverse.resteasy.problem.HttpProblem if it is no id
     */
    static int after(String text) {
        if (!text.matches("\\d{1,9}")) {
            throw BarrierProblems.badParameter(
                    "after", "Expected the id that the last page ended with, got \"" + text + "\"");
        }
        return Integer.parseInt(text);
    }
}
