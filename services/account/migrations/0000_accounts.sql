CREATE TABLE `credentials` (
  `account_id` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `email` VARCHAR(254) NOT NULL,
  `display_name` VARCHAR(60) NOT NULL,
  `roles` JSON NOT NULL,
  `password_hash` VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `version` BIGINT NOT NULL,
  `published_version` BIGINT NOT NULL DEFAULT 0,
  `created_at` BIGINT NOT NULL,
  `changed_at` BIGINT NOT NULL,
  `closed_at` BIGINT NULL,
  `trace` JSON NOT NULL,
  `is_waiting` BOOLEAN GENERATED ALWAYS AS (`published_version` < `version`) STORED,
  PRIMARY KEY (`account_id`),
  UNIQUE KEY `credentials_email` (`email`),
  KEY `credentials_waiting` (`is_waiting`, `changed_at`)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
