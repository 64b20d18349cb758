"""moto's server, with what AWS enforces and moto lets pass.

- A key that was made inactive is refused.
- A session that has ended is refused.
- A statement of a policy counts only where its condition holds. Known are aws:TokenIssueTime (DateLessThan), aws:userId (StringEquals),
  aws:SourceIp (NotIpAddress, of the connection) and aws:ViaAWSService (Bool, always false here); any other stops the request, so that no test
  passes on a condition that nobody looked at.
"""

import datetime
import ipaddress
import json
import sys

from flask import request
from moto.iam import access_control
from moto.server import main
from moto.sts.models import AssumedRole


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def after(owner, name, more):
    """Lets `more` run after the method of this name; it may replace what that returned."""
    method = getattr(owner, name)

    def both(self, *values, **named):
        return more(self, method(self, *values, **named), *values, **named)

    setattr(owner, name, both)


def note_issue(role, _, *values, **named):
    role.issued = now()


def check_key(key, _, account_id, partition, access_key_id, headers):
    key.session = None
    for user in key.backend.list_users("/", None, None):
        for known in user.access_keys:
            if known.access_key_id == access_key_id and known.status != "Active":
                raise access_control.CreateAccessKeyFailure(reason="InvalidId")


def check_session(key, _, account_id, partition, access_key_id, headers):
    roles = access_control.sts_backends[account_id][partition].assumed_roles
    key.session = next(role for role in roles if role.access_key_id == access_key_id)
    if key.session.expiration.replace(tzinfo=datetime.timezone.utc) < now():
        raise access_control.CreateAccessKeyFailure(reason="InvalidToken")


def only_what_holds(key, policies):
    documents = [access_control.IAMPolicy(policy)._policy_json for policy in policies]
    return [json.dumps({**document, "Statement": statements_of(document, key.session)}) for document in documents]


def statements_of(document, session):
    found = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    kept = [statement for statement in found if all(holds(*test, session) for test in tests_of(statement))]
    return [{name: value for name, value in statement.items() if name != "Condition"} for statement in kept]


def tests_of(statement):
    for operator, keys in statement.get("Condition", {}).items():
        for key, value in keys.items():
            yield operator, key, value


def holds(operator, key, value, session):
    if (operator, key) == ("DateLessThan", "aws:TokenIssueTime"):
        # A long-term key has no such time.
        return session is not None and session.issued < datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
    if (operator, key) == ("StringEquals", "aws:userId"):
        return session is not None and session.user_id == value
    if (operator, key) == ("NotIpAddress", "aws:SourceIp"):
        return not any(ipaddress.ip_address(request.remote_addr) in ipaddress.ip_network(block) for block in value)
    if (operator, key) == ("Bool", "aws:ViaAWSService"):
        return value == "false"
    raise ValueError(f"nobody looks at {operator} {key} here")


after(AssumedRole, "__init__", note_issue)
after(access_control.IAMUserAccessKey, "__init__", check_key)
after(access_control.AssumedRoleAccessKey, "__init__", check_session)
for kind in (access_control.IAMUserAccessKey, access_control.AssumedRoleAccessKey):
    after(kind, "collect_policies", only_what_holds)

if __name__ == "__main__":
    main(sys.argv[1:])
