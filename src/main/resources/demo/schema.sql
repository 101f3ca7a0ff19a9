-- A small help desk, so that a first look has something to watch. Made once, in an embedded database only.

CREATE TABLE companies (
    id   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    city text NOT NULL
);

CREATE TABLE departments (
    id         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL UNIQUE,
    company_id integer NOT NULL REFERENCES companies
);

CREATE TABLE roles (
    id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        text NOT NULL UNIQUE,
    description text NOT NULL
);

CREATE TABLE priorities (
    id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name          text NOT NULL UNIQUE,
    respond_hours integer NOT NULL
);

CREATE TABLE users (
    id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name          text NOT NULL,
    email         text NOT NULL UNIQUE,
    slack         text UNIQUE,
    role_id       integer NOT NULL REFERENCES roles,
    department_id integer NOT NULL REFERENCES departments,
    manager_id    integer REFERENCES users,
    created_at    timestamptz NOT NULL DEFAULT now()
);

CREATE SEQUENCE ticket_numbers START 118;

CREATE TABLE tickets (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    number      text NOT NULL UNIQUE DEFAULT 'TKT-' || to_char(nextval('ticket_numbers'), 'FM00000'),
    title       text NOT NULL,
    description text NOT NULL DEFAULT '',
    status      text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'in_progress', 'resolved', 'closed')),
    priority_id integer NOT NULL REFERENCES priorities,
    reporter_id integer NOT NULL REFERENCES users,
    assignee_id integer REFERENCES users,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now()
);

-- The log then holds the whole row before a change: a rule can ask what the status was, and the story can tell it.
ALTER TABLE tickets REPLICA IDENTITY FULL;
ALTER TABLE users REPLICA IDENTITY FULL;
ALTER TABLE roles REPLICA IDENTITY FULL;
ALTER TABLE companies REPLICA IDENTITY FULL;
ALTER TABLE departments REPLICA IDENTITY FULL;
ALTER TABLE priorities REPLICA IDENTITY FULL;

INSERT INTO companies (name, city) VALUES
    ('Northwind Traders', 'Hamburg'),
    ('Blue Harbor Logistics', 'Rotterdam'),
    ('Alpine Instruments', 'Innsbruck');

INSERT INTO departments (name, company_id) VALUES
    ('IT Support', 1),
    ('Finance', 1),
    ('Warehouse', 2),
    ('Research', 3);

INSERT INTO roles (name, description) VALUES
    ('Admin', 'May do everything'),
    ('Agent', 'Works on tickets'),
    ('Team Lead', 'Hands tickets to agents'),
    ('Employee', 'Reports tickets');

INSERT INTO priorities (name, respond_hours) VALUES
    ('Low', 72),
    ('Normal', 24),
    ('High', 4),
    ('Urgent', 1);

-- Everybody comes after his manager.
INSERT INTO users (name, email, slack, role_id, department_id, manager_id) VALUES
    ('Ingrid Solberg', 'ingrid@northwind.example', '@ingrid', 1, 1, NULL),
    ('Marco Bianchi', 'marco@northwind.example', '@marco', 3, 1, 1),
    ('Aylin Demir', 'aylin@northwind.example', '@aylin', 2, 1, 2),
    ('Tomasz Nowak', 'tomasz@northwind.example', '@tomasz', 2, 1, 2),
    ('Chloe Martin', 'chloe@northwind.example', '@chloe', 2, 1, 2),
    ('Hannes Vogel', 'hannes@northwind.example', NULL, 4, 2, 1),
    ('Sanne de Vries', 'sanne@blueharbor.example', '@sanne', 3, 3, 1),
    ('Joris Bakker', 'joris@blueharbor.example', NULL, 4, 3, 7),
    ('Lena Huber', 'lena@alpine.example', '@lena', 4, 4, 1);

INSERT INTO tickets (title, description, status, priority_id, reporter_id, assignee_id) VALUES
    ('Scanner at gate 4 reads every label twice', 'Since Monday, both hand scanners.', 'in_progress', 3, 8, 3),
    ('Cannot open the quarterly report', 'The file asks for a password nobody set.', 'open', 2, 6, 4),
    ('New laptop for the spectrometer lab', 'The old one cannot run the driver.', 'open', 1, 9, NULL),
    ('VPN drops every ten minutes', 'Only from home.', 'in_progress', 3, 6, 5),
    ('Forklift tablet will not charge', 'Tried two chargers.', 'resolved', 2, 8, 4);
