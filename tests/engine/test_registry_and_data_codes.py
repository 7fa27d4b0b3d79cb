"""REG002, REG004, DATA006 and DATA007 on a real engine."""
import unittest

from cases import DEV, PROD, STAGING, CodeCase

# No version of this policy can be green yet: nobody looks into databases.
UNPROVEN = ("whether `data: masked` holds",)
STRICT = """
version: 1
environments:
  production: {tier: production, match: [{label: env=production}]}
  staging: {tier: staging, match: [{label: env=staging}]}
  development: {tier: development, match: [{label: env=dev}]}
require:
  - {between: [production, "*"], registry: separate-namespaces, data: masked}
"""


class Registry(CodeCase):
    def test_one_repository_with_a_mutable_tag(self):
        for image in ("registry.example.com/shop/api:1.4", "registry.example.com/shop-dev/api:1.4"):
            self.engine.import_image(image)
        self.place("api-a", PROD, image="registry.example.com/shop/api:1.4")
        self.place("api-b", DEV, image="registry.example.com/shop/api:1.4")
        self.assert_fires("REG002", policy=STRICT)
        self.assert_fires("REG004", policy=STRICT)
        self.place("api-b", DEV, image="registry.example.com/shop-dev/api:1.4")
        self.assert_silent("REG002", policy=STRICT, gaps=UNPROVEN)
        self.assert_silent("REG004", policy=STRICT, gaps=UNPROVEN)

    def test_silent_for_public_images(self):
        self.engine.import_image("postgres:15")
        self.place("api-a", PROD, image="postgres:15")
        self.place("api-b", DEV, image="postgres:15")
        self.assert_silent("REG002", policy=STRICT, gaps=UNPROVEN)
        self.assert_silent("REG004", policy=STRICT, gaps=UNPROVEN)


class Data006(CodeCase):
    def test_one_database_server_for_two_environments(self):
        self.place("api-a", PROD, "-e", "DATABASE_URL=postgres://db.example.com:5432/shop")
        self.place("api-b", DEV, "-e", "DATABASE_URL=postgresql://db.example.com/shop_dev")
        self.assert_fires("DATA006", policy=STRICT)
        self.place("api-b", DEV, "-e", "DATABASE_URL=postgresql://db2.example.com/shop_dev")
        self.assert_silent("DATA006", policy=STRICT, gaps=UNPROVEN)

    def test_silent_for_equal_names_of_two_servers(self):
        for name, environment in (("shop-db", PROD), ("lab-db", DEV)):
            self.place(name, environment, "--network-alias", "db", image="my-api")
        for name, environment in (("api-a", PROD), ("api-b", DEV)):
            self.place(name, environment, "-e", "DATABASE_URL=postgres://db/shop", "-e", "CACHE=redis://cache/0")
        self.assert_silent("DATA006", policy=STRICT, gaps=UNPROVEN)


class Data007(CodeCase):
    def copy(self, command):
        self.place("nightly", STAGING, command=("sh", "-c", command))

    def test_dump_piped_from_production_into_staging(self):
        self.place("api-a", PROD)
        self.copy("pg_dump production_db | psql staging_db; sleep 3600")
        finding = self.assert_fires("DATA007", policy=STRICT)
        self.assertEqual("critical", finding["severity"])
        self.assertIn("production", finding["title"])
        self.assertEqual("critical", self.assert_fires("DATA007")["severity"])  # without a policy too
        self.copy("pg_dump production_db | firebreak mask | psql staging_db; sleep 3600")
        self.assert_silent("DATA007", policy=STRICT, gaps=UNPROVEN)

    def test_tools_that_name_both_ends(self):
        self.place("api-a", PROD)
        for command in ("pgcopydb clone --source postgres://prod-db/shop --target postgres://dev-db/shop",
                        "pgcopydb clone --target postgres://dev-db/shop --source postgres://prod-db/shop",
                        "rsync -a root@prod-db:/var/lib/postgresql/ /data/",
                        "aws s3 sync s3://shop-prod-backups s3://shop-dev-backups",
                        "echo '0 3 * * * pg_dump -h prod-db shop | psql -h dev-db shop' | crontab - && crond -f"):
            with self.subTest(command):
                self.place("nightly", DEV, command=("sh", "-c", command + "; sleep 3600"))
                self.assertEqual("critical", self.assert_fires("DATA007")["severity"])

    def test_silent_for_a_schema_without_rows(self):
        self.place("api-a", PROD)
        self.copy("pg_dump --schema-only production_db | psql staging_db; sleep 3600")
        self.assert_silent("DATA007", policy=STRICT, gaps=UNPROVEN)

    def test_silent_for_a_copy_within_staging(self):
        self.place("api-a", PROD)
        self.copy("pg_dump staging_db | psql staging_copy; sleep 3600")
        self.assert_silent("DATA007", policy=STRICT, gaps=UNPROVEN)

    def test_silent_for_a_copy_upwards(self):
        self.place("api-a", PROD)
        self.copy("pg_dump staging_db | psql production_db; sleep 3600")
        self.assert_silent("DATA007", policy=STRICT, gaps=UNPROVEN)


if __name__ == "__main__":
    unittest.main()
