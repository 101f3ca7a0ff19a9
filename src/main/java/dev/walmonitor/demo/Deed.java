package dev.walmonitor.demo;

import java.util.List;

/**
 * What people do in a help desk, each one statement that changes at most one row and fits whatever
 * is there.
 */
enum Deed {
    REPORT_TICKET(
            """
            INSERT INTO tickets (title, priority_id, reporter_id, assignee_id)
            SELECT (ARRAY['Printer on floor 2 prints in pink', 'Password reset for the payroll system',
                          'Monitor flickers after lunch', 'Badge does not open the side door',
                          'Shared drive is full again', 'Headset has no sound in calls',
                          'Label printer jams on long labels', 'Calendar shows last year']
                   )[1 + floor(random() * 8)::int],
                   (SELECT id FROM priorities WHERE name <> 'Urgent' ORDER BY random() LIMIT 1),
                   (SELECT id FROM users WHERE role_id = 4 AND id <= 9 ORDER BY random() LIMIT 1),
                   (SELECT id FROM users WHERE role_id = 2 ORDER BY random() LIMIT 1)
            """),
    START_WORK(
            """
            UPDATE tickets SET status = 'in_progress', updated_at = now(),
                   assignee_id = coalesce(assignee_id, (SELECT id FROM users WHERE role_id = 2 ORDER BY random() LIMIT 1))
             WHERE id = (SELECT id FROM tickets WHERE status = 'open' ORDER BY id LIMIT 1)
            """),
    HAND_OVER(
            """
            UPDATE tickets t SET updated_at = now(),
                   assignee_id = (SELECT id FROM users WHERE role_id = 2 AND id IS DISTINCT FROM t.assignee_id
                                   ORDER BY random() LIMIT 1)
             WHERE id = (SELECT id FROM tickets WHERE status = 'in_progress' ORDER BY random() LIMIT 1)
            """),
    RESOLVE(
            """
            UPDATE tickets SET status = 'resolved', updated_at = now()
             WHERE id = (SELECT id FROM tickets WHERE status = 'in_progress' ORDER BY id LIMIT 1)
            """),
    CLOSE(
            """
            UPDATE tickets SET status = 'closed', updated_at = now()
             WHERE id = (SELECT id FROM tickets WHERE status = 'resolved' ORDER BY id LIMIT 1)
            """),
    RAISE_PRIORITY(
            """
            UPDATE tickets SET priority_id = (SELECT id FROM priorities WHERE name = 'Urgent'), updated_at = now()
             WHERE id = (SELECT id FROM tickets WHERE status = 'open' AND priority_id < 4 ORDER BY random() LIMIT 1)
            """),
    TIDY_UP("DELETE FROM tickets WHERE id = (SELECT min(id) FROM tickets WHERE status = 'closed')"),
    HIRE(
            """
            INSERT INTO users (name, email, slack, role_id, department_id, manager_id)
            SELECT given || ' ' || family, lower(given || '.' || family) || number || '@northwind.example',
                   '@' || lower(given) || number, 4, (SELECT id FROM departments ORDER BY random() LIMIT 1), 2
              FROM (SELECT (SELECT max(id) + 1 FROM users) AS number,
                           (ARRAY['Noor', 'Emil', 'Pilar', 'Yusuf', 'Greta', 'Anton'])[1 + floor(random() * 6)::int] AS given,
                           (ARRAY['Lind', 'Okafor', 'Moreau', 'Santos', 'Weiss'])[1 + floor(random() * 5)::int] AS family) n
            """),
    LEAVE(
            """
            DELETE FROM users
             WHERE id = (SELECT max(id) FROM users u WHERE id > 9 AND email ~ '[0-9]@northwind'
                          AND NOT EXISTS (SELECT FROM tickets WHERE reporter_id = u.id OR assignee_id = u.id))
            """),
    RENAME_DEPARTMENT(
            """
            UPDATE departments SET name = CASE name WHEN 'IT Support' THEN 'Service Desk' ELSE 'IT Support' END
             WHERE id = 1
            """),
    CHANGE_RESPONSE_TIME(
            "UPDATE priorities SET respond_hours = CASE respond_hours WHEN 4 THEN 6 ELSE 4 END WHERE name = 'High'"),
    DESCRIBE_ROLE(
            """
            UPDATE roles SET description = CASE description WHEN 'Works on tickets' THEN 'Solves tickets'
                                                            ELSE 'Works on tickets' END
             WHERE name = 'Agent'
            """),
    MOVE_COMPANY(
            "UPDATE companies SET city = CASE city WHEN 'Rotterdam' THEN 'Antwerp' ELSE 'Rotterdam' END WHERE id = 2");

    /**
     * One day in the help desk, over and over; every ticket that is opened is closed and deleted in
     * the end.
     */
    static final List<Deed> DAY =
            List.of(
                    REPORT_TICKET,
                    START_WORK,
                    RENAME_DEPARTMENT,
                    HAND_OVER,
                    RESOLVE,
                    HIRE,
                    CLOSE,
                    REPORT_TICKET,
                    RAISE_PRIORITY,
                    DESCRIBE_ROLE,
                    START_WORK,
                    RESOLVE,
                    CHANGE_RESPONSE_TIME,
                    CLOSE,
                    TIDY_UP,
                    LEAVE,
                    MOVE_COMPANY,
                    TIDY_UP);

    private final String sql;

    Deed(String sql) {
        this.sql = sql;
    }

    String sql() {
        return sql;
    }
}
