"""CRED001, CRED005 and CRED006 on a real engine."""
import unittest

from cases import DEV, PROD, CodeCase

SECRET = "vK7pQ2mZx9Lw4TgB"


class Cred001(CodeCase):
    def test_one_password_alone_and_inside_a_url(self):
        self.place("api-a", PROD, "-e", f"DB_PASSWORD={SECRET}")
        self.place("api-b", DEV, "-e", f"DATABASE_URL=postgres://app:{SECRET}@db/app")
        finding = self.assert_fires("CRED001")
        self.assertNotIn(SECRET, str(finding))
        self.follow(finding)
        self.place("api-b", DEV, "-e", "DATABASE_URL=postgres://app:another-Value77qq@db/app")
        self.assert_clean()

    def test_silent_within_one_environment(self):
        self.place("api-a", PROD, "-e", f"DB_PASSWORD={SECRET}")
        self.place("api-c", PROD, "-e", f"DB_PASSWORD={SECRET}")
        self.place("api-b", DEV)
        self.assert_silent("CRED001", at_least="info")

    def test_silent_for_what_is_meant_to_be_the_same(self):
        same = ("-e", "SENTRY_DSN=https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.io/42",
                "-e", "RECAPTCHA_SITE_KEY=6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ_MXjiZKhI", "-e", "OPENAI_API_KEY=dummy",
                "-e", "GIT_SHA=3f786850e387550fdab836ed7e6dc881de23001b", "-e", "DB_USER=shop", "-e", "TOKEN_TTL=3600")
        self.place("api-a", PROD, *same)
        self.place("api-b", DEV, *same)
        self.assert_silent("CRED001", at_least="info")

    def test_silent_for_variables_of_the_image(self):
        self.engine.import_image("with-env", f"ENV GPG_KEY={SECRET}{SECRET}", "ENV APP_TOKEN=" + SECRET)
        self.place("api-a", PROD, image="with-env")
        self.place("api-b", DEV, image="with-env")
        self.assert_silent("CRED001", at_least="info")


class Cred005(CodeCase):
    def test_dev_container_that_points_at_productions_database(self):
        self.place("api-a", PROD, "-e", "DATABASE_URL=postgres://prod-db.example.com:5432/app")
        self.place("api-b", DEV, "-e", "DATABASE_URL=postgres://prod-db.example.com:5432/app")
        finding = self.assert_fires("CRED005")
        self.assertIn("api-b", finding["title"])
        self.follow(finding)
        self.place("api-b", DEV, "-e", "DATABASE_URL=postgres://dev-db.example.com:5432/app")
        self.assert_clean()

    def test_productions_published_port_by_address(self):
        self.place("db", PROD, "-p", "5432:5432")
        gateway = self.engine.docker("network", "inspect", "dev-net", "-f", "{{(index .IPAM.Config 0).Gateway}}")
        self.place("api-b", DEV, "-e", f"DB_HOST={gateway}", "-e", "DB_PORT=5432")
        self.assertIn("production/db", self.assert_fires("CRED005")["title"])
        self.place("api-b", DEV, "-e", f"DB_HOST={gateway}", "-e", "DB_PORT=5433")  # nobody publishes it
        self.assert_silent("CRED005")

    def test_silent_for_localhost_and_own_database(self):
        self.place("db", PROD)
        self.place("lab-db", DEV, "--network-alias", "db")
        self.place("api-b", DEV, "-e", "DATABASE_URL=postgres://db/app", "-e", "REDIS_URL=redis://localhost")
        self.assert_silent("CRED005", at_least="info")


class Cred006(CodeCase):
    # Built from parts so that no scanner takes this file for a leak.
    LIVE = "sk_" + "live_" + "4eC39HqLyjWDarjtT1zdp7dc"
    TEST = "sk_" + "test_" + "4eC39HqLyjWDarjtT1zdp7dc"

    def test_live_key_in_development(self):
        self.place("api-a", PROD, "-e", f"STRIPE_KEY={self.LIVE}x")
        self.place("api-b", DEV, "-e", f"STRIPE_KEY={self.LIVE}")
        finding = self.assert_fires("CRED006")
        self.assertNotIn(self.LIVE, str(finding))
        self.follow(finding)
        self.place("api-b", DEV, "-e", f"STRIPE_KEY={self.TEST}")
        self.assert_silent("CRED006")


if __name__ == "__main__":
    unittest.main()
