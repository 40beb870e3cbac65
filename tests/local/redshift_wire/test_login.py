"""Who may log in: passwords, temporary credentials, TLS."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator

import boto3
import psycopg
import pytest

from lakeshift.local.redshift_wire.login import Temporary
from lakeshift.local.server import LocalAws
from tests.local.redshift_wire.conftest import PASSWORD, Wire


def _user(wire: Wire, **more: str) -> str:
    with wire.connect(**more) as connection:
        row = connection.execute("SELECT current_user").fetchone()
    assert row is not None
    return str(row[0])


@pytest.fixture
def ann(wire: Wire) -> Iterator[str]:
    with wire.connect() as connection:
        connection.execute("CREATE USER ann PASSWORD 'Abcdefg1'")
        yield "ann"
        connection.execute("DROP USER ann")


def test_user_logs_in_with_its_password(wire: Wire, ann: str) -> None:
    assert _user(wire, user=ann, password="Abcdefg1") == "ann"


def test_sha256_password_is_asked_for_in_plain_text(wire: Wire, ann: str) -> None:
    with wire.connect() as connection:
        connection.execute("ALTER USER ann PASSWORD 'sha256|Mypassword1'")
    assert _user(wire, user=ann, password="Mypassword1") == "ann"


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"password": "wrong"}, "password authentication failed"),
        ({"user": "stranger"}, "password authentication failed"),
        ({"dbname": "nothing"}, 'database "nothing" does not exist'),
    ],
    ids=["a wrong password", "an unknown user", "an unknown database"],
)
def test_login_is_refused_for(wire: Wire, given: dict[str, str], text: str) -> None:
    with pytest.raises(psycopg.OperationalError, match=text):
        wire.connect(**given)


def test_user_whose_time_is_over_is_refused(wire: Wire, ann: str) -> None:
    with wire.connect() as connection:
        connection.execute("ALTER USER ann VALID UNTIL '2001-01-01'")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        wire.connect(user=ann, password="Abcdefg1")


@pytest.mark.parametrize(("seconds", "good"), [(60, True), (-1, False)], ids=["while they are good", "no longer"])
def test_temporary_credentials_log_in(wire: Wire, seconds: int, good: bool) -> None:
    given = Temporary("wire", "IAMA:bob", "bob", "temporary-password", time.time() + seconds, create=True)
    wire.credentials.give(given)
    if good:
        assert _user(wire, user="IAMA:bob", password="temporary-password") == "bob"
    else:
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            wire.connect(user="IAMA:bob", password="temporary-password-2")


def test_tls_is_verified_with_our_certificate(wire: Wire) -> None:
    wire.connect(sslmode="require").close()
    trusted = {"sslmode": "verify-full", "sslrootcert": str(wire.folder / "server.crt"), "host": "localhost"}
    with wire.connect(**trusted) as connection:
        assert connection.pgconn.ssl_in_use


def test_newer_protocol_is_answered_with_ours(wire: Wire) -> None:
    with socket.create_connection(("127.0.0.1", wire.port)) as client:
        body = struct.pack("!I", (3 << 16) | 2) + b"user\0awsuser\0_pq_.x\0y\0\0"
        client.sendall(struct.pack("!I", len(body) + 4) + body)
        answer = client.recv(100)
    assert answer[:1] == b"v"
    assert struct.unpack("!II", answer[5:13]) == (3 << 16, 1)


@pytest.mark.parametrize(
    "data", [b"\0\0\0\x08\0\0\0\0", b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 40], ids=["a wrong version", "HTTP", "noise"]
)
def test_noise_ends_its_own_connection_alone(wire: Wire, data: bytes) -> None:
    with socket.create_connection(("127.0.0.1", wire.port)) as client:
        client.sendall(data)
        client.settimeout(5)
        while client.recv(1000):
            pass
    assert _user(wire) == "awsuser"


# Through the local AWS's own calls.


@pytest.fixture(scope="module")
def cluster(local_aws: LocalAws) -> Iterator[dict[str, object]]:
    redshift = boto3.client("redshift")
    redshift.create_cluster(
        ClusterIdentifier="wire-tests",
        NodeType="ra3.large",
        ClusterType="single-node",
        MasterUsername="awsuser",
        MasterUserPassword=PASSWORD,
        DBName="dev",
    )
    endpoint = redshift.describe_clusters(ClusterIdentifier="wire-tests")["Clusters"][0]["Endpoint"]
    yield {"host": endpoint["Address"], "port": endpoint["Port"], "dbname": "dev", "sslmode": "disable"}
    redshift.delete_cluster(ClusterIdentifier="wire-tests", SkipFinalClusterSnapshot=True)


def test_cluster_listens_where_it_says(cluster: dict[str, object]) -> None:
    with psycopg.connect(**cluster, user="awsuser", password=PASSWORD) as connection:  # type: ignore[arg-type]
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_cluster_credentials_log_in(cluster: dict[str, object]) -> None:
    redshift = boto3.client("redshift")
    given = redshift.get_cluster_credentials(ClusterIdentifier="wire-tests", DbUser="carol", AutoCreate=True)
    assert given["DbUser"] == "IAMA:carol"
    with psycopg.connect(**cluster, user=given["DbUser"], password=given["DbPassword"]) as connection:  # type: ignore[arg-type]
        assert connection.execute("SELECT current_user").fetchone() == ("carol",)
    iam = redshift.get_cluster_credentials_with_iam(ClusterIdentifier="wire-tests")
    with psycopg.connect(**cluster, user=iam["DbUser"], password=iam["DbPassword"]) as connection:  # type: ignore[arg-type]
        assert connection.execute("SELECT current_user").fetchone() == ("IAM:local",)
    missing = redshift.get_cluster_credentials(ClusterIdentifier="wire-tests", DbUser="nobody")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(**cluster, user=missing["DbUser"], password=missing["DbPassword"])  # type: ignore[arg-type]


def test_paused_cluster_does_not_listen(cluster: dict[str, object]) -> None:
    redshift = boto3.client("redshift")
    redshift.pause_cluster(ClusterIdentifier="wire-tests")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(**cluster, user="awsuser", password=PASSWORD)  # type: ignore[arg-type]
    redshift.resume_cluster(ClusterIdentifier="wire-tests")
    port = redshift.describe_clusters(ClusterIdentifier="wire-tests")["Clusters"][0]["Endpoint"]["Port"]
    cluster["port"] = port
    psycopg.connect(**cluster, user="awsuser", password=PASSWORD).close()  # type: ignore[arg-type]
