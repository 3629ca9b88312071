"""A quick answer to whether a value is as a schema says. Where it is no, the slow validator has the last word, and the
reason: so this one may refuse what it does not know, but never take what is wrong."""

# What says nothing about values; formats neither, as the validator is used here.
NOTES = {"default", "deprecated", "description", "examples", "format", "readOnly", "writeOnly", "xml"}
TYPES = {"array": (list,), "boolean": (bool,), "integer": (int,), "null": (type(None),), "number": (int, float),
         "object": (dict,), "string": (str,)}
NUMBERS = (int, float)


def of_type(names):
    """By the very class: a truth value is no number."""
    classes = frozenset(one for name in ([names] if isinstance(names, str) else names) for one in TYPES[name])
    return lambda value: type(value) in classes


# Makers of checks, each from a keyword's value. Most keywords speak of values of one type, and let all others be.
SIMPLE = {
    "type": of_type,
    "enum": lambda words: lambda value: any(type(word) is type(value) and word == value for word in words),
    "minLength": lambda least: lambda value: type(value) is not str or len(value) >= least,
    "maxLength": lambda most: lambda value: type(value) is not str or len(value) <= most,
    "maxItems": lambda most: lambda value: type(value) is not list or len(value) <= most,
    "minimum": lambda least: lambda value: type(value) not in NUMBERS or value >= least,
    "maximum": lambda most: lambda value: type(value) not in NUMBERS or value <= most,
    "required": lambda names: lambda value: type(value) is not dict or all(name in value for name in names),
}


class Plain:
    def __init__(self, resolve):
        """`resolve` follows the references of a schema."""
        self.resolve = resolve
        self.checks = {}

    def accepts(self, schema, value):
        _, checks = self.checks.get(id(schema), (None, None))
        if checks is None:
            checks = list(self.make(schema))
            self.checks[id(schema)] = schema, checks  # which keeps it, so that no other one gets its number
        for check in checks:
            if not check(value):
                return False
        return True

    def make(self, schema):
        if not isinstance(schema, dict):
            yield lambda value: schema is True
            return
        for keyword, argument in schema.items():
            if keyword in SIMPLE:
                yield SIMPLE[keyword](argument)
            elif keyword in ("$ref", "items", "anyOf"):
                yield getattr(self, "make_" + keyword.strip("$"))(argument)
            elif keyword == "properties" or keyword == "additionalProperties" and "properties" not in schema:
                yield getattr(self, "make_" + keyword)(argument)
            elif keyword not in NOTES and not keyword.startswith("x-"):
                yield lambda value: False

    def make_ref(self, name):
        target = self.resolve({"$ref": name})
        return lambda value: self.accepts(target, value)

    def make_items(self, schema):
        return lambda value: type(value) is not list or all(self.accepts(schema, item) for item in value)

    def make_anyOf(self, schemas):
        return lambda value: any(self.accepts(schema, value) for schema in schemas)

    def make_properties(self, schemas):
        return lambda value: type(value) is not dict or all(
            name not in schemas or self.accepts(schemas[name], item) for name, item in value.items())

    def make_additionalProperties(self, schema):
        return lambda value: type(value) is not dict or all(self.accepts(schema, item) for item in value.values())
