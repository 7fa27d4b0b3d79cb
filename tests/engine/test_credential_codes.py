"""CRED001, CRED005 and CRED006 on a real engine."""
import unittest

from cases import DEV, PROD, CodeCase

SECRET = "vK7pQ2mZx9Lw4TgB"


class Separate(CodeCase):
    """Networks are separate, so that only credentials can be found."""

    def setUp(self):
        super().setUp()
        for network in ("prod-net", "dev-net"):
            self.engine.docker("network", "create", network)

    def prod(self, name, *options):
        self.engine.start(name, *PROD, "--network", "prod-net", *options)

    def dev(self, name, *options):
        self.engine.docker("rm", "-f", name, check=False)
        self.engine.start(name, *DEV, "--network", "dev-net", *options)


class Cred001(Separate):
    def test_one_password_alone_and_inside_a_url(self):
        self.prod("api-a", "-e", f"DB_PASSWORD={SECRET}")
        self.dev("api-b", "-e", f"DATABASE_URL=postgres://app:{SECRET}@db/app")
        finding = self.assert_fires("CRED001")
        self.assertNotIn(SECRET, str(finding))
        self.dev("api-b", "-e", "DATABASE_URL=postgres://app:another-Value77qq@db/app")
        self.assert_clean()

    def test_silent_within_one_environment(self):
        self.prod("api-a", "-e", f"DB_PASSWORD={SECRET}")
        self.prod("api-c", "-e", f"DB_PASSWORD={SECRET}")
        self.dev("api-b")
        self.assert_silent("CRED001", at_least="info")

    def test_silent_for_variables_of_the_image(self):
        self.engine.import_image("with-env", f"ENV GPG_KEY={SECRET}{SECRET}", "ENV APP_TOKEN=" + SECRET)
        self.engine.start("api-a", *PROD, "--network", "prod-net", image="with-env")
        self.engine.start("api-b", *DEV, "--network", "dev-net", image="with-env")
        self.assert_silent("CRED001", at_least="info")


class Cred005(Separate):
    def test_dev_container_that_points_at_productions_database(self):
        self.prod("api-a", "-e", "DATABASE_URL=postgres://prod-db.example.com:5432/app")
        self.dev("api-b", "-e", "DATABASE_URL=postgres://prod-db.example.com:5432/app")
        finding = self.assert_fires("CRED005")
        self.assertIn("api-b", finding["title"])
        self.dev("api-b", "-e", "DATABASE_URL=postgres://dev-db.example.com:5432/app")
        self.assert_clean()

    def test_silent_for_localhost_and_own_database(self):
        self.prod("db")
        self.dev("lab-db", "--network-alias", "db")
        self.dev("api-b", "-e", "DATABASE_URL=postgres://db/app", "-e", "REDIS_URL=redis://localhost")
        self.assert_silent("CRED005", at_least="info")


class Cred006(Separate):
    # Built from parts so that no scanner takes this file for a leak.
    LIVE = "sk_" + "live_" + "4eC39HqLyjWDarjtT1zdp7dc"
    TEST = "sk_" + "test_" + "4eC39HqLyjWDarjtT1zdp7dc"

    def test_live_key_in_development(self):
        self.prod("api-a", "-e", f"STRIPE_KEY={self.LIVE}x")
        self.dev("api-b", "-e", f"STRIPE_KEY={self.LIVE}")
        self.assertNotIn(self.LIVE, str(self.assert_fires("CRED006")))
        self.dev("api-b", "-e", f"STRIPE_KEY={self.TEST}")
        self.assert_silent("CRED006")


if __name__ == "__main__":
    unittest.main()
