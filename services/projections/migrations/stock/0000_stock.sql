CREATE TABLE `stock` (
  `sku` varchar(191) NOT NULL,
  `available` bigint,
  `reserved` bigint,
  `sold` bigint,
  `version` bigint,
  `changed_at` bigint,
  PRIMARY KEY (`sku`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
