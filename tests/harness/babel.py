"""A database as Babel Licensing has it, in MariaDB and as an SQLite file, with made-up rows."""

import sqlite3

# Columns behind the key, each with its type; "Id" is a number that counts up unless it is among them.
TABLES = {
    "__EFMigrationsHistory": "MigrationId:name ProductVersion:text",
    "Customers": "Title FirstName LastName Company Code VatCode InvoiceCode Rating:int CreatedAt:time UpdatedAt:time "
                 "Address Address1 Address2 PostalCode Region City Country CountryCode MapCoordinates MapZoomLevel:real "
                 "Email Phone Mobile Fax Website Notes IsReseller:bool Image:blob Meta",
    "Contacts": "Title FirstName LastName Email Phone Mobile Fax Details CustomerId:int Meta Notify:bool",
    "AspNetRoles": "Id:guid Name NormalizedName ConcurrencyStamp",
    "AspNetUsers": "Id:guid Title FirstName LastName Department BirthDate:time CreatedAt:time UpdatedAt:time "
                   "LastDismissMessages:time LastLogIn:time Rank:int Image:blob Address PostalCode Region City Country "
                   "CountryCode Mobile Notes CustomerId:int UserName NormalizedUserName Email NormalizedEmail "
                   "EmailConfirmed:bool PasswordHash SecurityStamp ConcurrencyStamp PhoneNumber "
                   "PhoneNumberConfirmed:bool TwoFactorEnabled:bool LockoutEnd:time LockoutEnabled:bool "
                   "AccessFailedCount:int",
    "AspNetUserRoles": "UserId:guid RoleId:guid",
    "ApiKeys": "Name Key ClientSecret CreatedDate:time ExpireDate:time OwnerId:guid Revoked:bool Permissions:int "
               "Description",
    "Settings": "Category Group Name Value Type ReadOnly:bool Description UserId:guid",
    "Resources": "Name Type Code Description Source Password CreatedAt:time UpdatedAt:time Data:blob DataFormat Meta",
    "Products": "Code Name Description Url Copyright CreatedAt:time Image:blob Price:money ResellerPrice:money "
                "Currency SignatureKeysId:int Meta",
    "Releases": "ReleaseDate:time Name Version Description",
    "Assemblies": "Name Version Culture PublicKeyToken MappingFileId:int DebugSymbolsKey",
    "ProductAssemblies": "ProductId:int AssemblyId:int ReleaseId:int",
    "Orders": "OrderNumber Status ProcessedBy PurchaseOrder Total:money Currency CreatedAt:time UpdatedAt:time "
              "InvoiceNumber PaymentType PaymentNumber PaymentStatus PaymentDate:time Description CustomerId:int "
              "ResellerId:int CreatedById:guid Meta",
    "ProductOrders": "ProductId:key OrderId:key Quantity:int UnitPrice:money Discount:real Taxes:real Description",
    "LicenseTemplates": "Name Code Format LicenseFileName GenerateKeyInfo:bool Description Template ProductId:int "
                        "SignatureKeysId:int ReleaseId:int ExpireDays:int IssueDate:bool LicenseType LicensingMode:int "
                        "SupportDays:int UserKey",
    "Licenses": "LicenseId LicenseType Format Description IssueDate:time ExpireDate:time SupportExpireDate:time "
                "Revoked:bool LicenseKey MaxAllowedSites:int UserKey Hash LicensingMode:int TemplateId:int "
                "SignatureKeysId:int CustomerId:int OrderId:int CreatedAt:time LicenseeCompany LicenseeEmail "
                "LicenseeName Meta Trace:bool UpdatedAt:time",
    "ProductLicenses": "ProductId:key LicenseId:key",
    "LicenseTokens": "Token Address ClientId ClientName MachineId IssueDate:time ExpireDate:time LastHeartbeat:time "
                     "Hash LicenseId:int NodeLockedLicenseId:int",
    "LicenseTraces": "ClientIp ClientName MachineId CreatedDate:time Action:int GeoLocation Meta LicenseId:int ClientId",
    "Reports": "Uid Name Version Date:time UserKey MachineId ClientId ClientName ContentType Content Address",
    "ReportProperties": "Name Value ReportId:int",
    "Downloads": "Name Title Url",
    "Logs": "Message Level TimeStamp:time",
    "WebhookSubscriptions": "Name EventType Url Secret IsActive:bool",
    "WebhookEvents": "WebhookSubscriptionId:int EventType Payload",
}

MARIADB = {"": "LONGTEXT", "text": "LONGTEXT", "name": "VARCHAR(150) NOT NULL PRIMARY KEY", "guid": "VARCHAR(255)",
           "int": "INT", "key": "INT NOT NULL", "bool": "TINYINT(1) NOT NULL DEFAULT 0", "time": "DATETIME(6)",
           "money": "DECIMAL(18,4)", "real": "DOUBLE", "blob": "LONGBLOB"}
SQLITE = {"": "TEXT", "text": "TEXT", "name": "TEXT NOT NULL PRIMARY KEY", "guid": "TEXT", "int": "INTEGER",
          "key": "INTEGER NOT NULL", "bool": "INTEGER NOT NULL DEFAULT 0", "time": "TEXT", "money": "TEXT",
          "real": "REAL", "blob": "BLOB"}
MIGRATIONS = ["20230506062747_InitialCreate", "20231203102929_AddApiKey",
              "20240303012534_AddedLicenseeAndTemplateUserKey", "20240313135659_AddMetaColum",
              "20240328144418_AddLicenseTrace", "20241206143314_AddLicenseTraceClientId", "20250307165541_AddWebhooks"]

# A database with one customer.
FEW = {"__EFMigrationsHistory": [{"MigrationId": name, "ProductVersion": "8.0.11"} for name in MIGRATIONS],
       "Customers": [{"Id": 7, "Company": "ACME", "Rating": 0}]}


def columns_of(table):
    """Names and types, the key first."""
    columns = [(column + ":").split(":")[:2] for column in TABLES[table].split()]
    own = table == "__EFMigrationsHistory" or any(kind == "key" for _, kind in columns) or "UserId:guid Role" in TABLES[table]
    if not own and columns[0][0] != "Id":
        columns.insert(0, ["Id", "int"])
    return columns


def create(table, types, without=()):
    columns = columns_of(table)
    keys = ["Id"] if any(name == "Id" for name, _ in columns) else [name for name, kind in columns if kind == "key"]
    parts = [f"`{name}` {types[kind]}{' NOT NULL' if name == 'Id' else ''}" for name, kind in columns
             if f"{table}.{name}" not in without]
    if keys:
        parts.append(f"PRIMARY KEY ({', '.join(f'`{key}`' for key in keys)})")
    return f"CREATE TABLE `{table}` ({', '.join(parts)})"


def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return "X'" + value.hex() + "'"
    if isinstance(value, (bool, int, float)):
        return str(int(value) if isinstance(value, bool) else value)
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def insert(table, row):
    return (f"INSERT INTO `{table}` ({', '.join(f'`{name}`' for name in row)}) VALUES "
            f"({', '.join(map(literal, row.values()))})")


def script(rows, types=None, tables=None, without=()):
    """Statements that make the tables, and rows in them: {"Customers": [{"Id": 1, …}]}."""
    made = [create(table, types or MARIADB, without) for table in tables or TABLES]
    return made + [insert(table, row) for table, some in rows.items() for row in some]


def make_schema(installation, name, rows, **choices):
    """A schema beside the installation's own, and its address as a source."""
    installation.sql(f"CREATE DATABASE {name} CHARACTER SET utf8mb4", database=None)
    installation.sql(";\n".join(script(rows, **choices)), database=name)
    installation.sql("CREATE USER IF NOT EXISTS babel@localhost IDENTIFIED BY 'of the former one'; "
                     f"GRANT SELECT ON {name}.* TO babel@localhost", database=None)
    return f"mysql://babel@localhost/{name}?socket={installation.database_socket}"


PASSWORD = "of the former one"


def make_file(path, rows, **choices):
    with sqlite3.connect(path) as database:
        for statement in script(rows, types=SQLITE, **choices):
            database.execute(statement.replace("\\\\", "\\"))
    return str(path)


def make_dump(path, rows, **choices):
    """As mysqldump writes it."""
    lines = ["-- MariaDB dump", "/*!40101 SET NAMES utf8mb4 */;", "CREATE DATABASE `former`;", "USE `former`;"]
    full = {table: [{**{name: False for name, kind in columns_of(table) if kind == "bool"}, **row} for row in some]
            for table, some in rows.items()}
    lines += [f"{statement};" for statement in script(full, **choices)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)
