CREATE TABLE `accounts` (
  `account_id` varchar(191) NOT NULL,
  `email` varchar(320),
  `display_name` varchar(200),
  `roles` json,
  `is_closed` boolean,
  `version` bigint,
  `changed_at` bigint,
  PRIMARY KEY (`account_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
