CREATE TABLE `products` (
  `sku` varchar(191) NOT NULL,
  `name_ja` varchar(200),
  `name_en` varchar(200),
  `description_ja` text,
  `description_en` text,
  `category` varchar(64),
  `price` bigint,
  `is_listed` boolean,
  `version` bigint,
  `changed_at` bigint,
  PRIMARY KEY (`sku`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
