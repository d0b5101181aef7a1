CREATE TABLE `orders` (
  `order_no` varchar(191) NOT NULL,
  `account_id` varchar(191),
  `total_amount` bigint,
  `created_at` bigint,
  `status` varchar(64),
  `status_at` bigint,
  `reason` text,
  `payment_status` varchar(64),
  `payment_expires_at` bigint,
  `payment_url` text,
  `merchant_payment_id` varchar(191),
  `payment_at` bigint,
  `paid_at` bigint,
  PRIMARY KEY (`order_no`),
  KEY `orders_by_account` (`account_id`, `created_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE `order_lines` (
  `order_no` varchar(191) NOT NULL,
  `line_no` int NOT NULL,
  `sku` varchar(191) NOT NULL,
  `quantity` int NOT NULL,
  `unit_price` bigint NOT NULL,
  PRIMARY KEY (`order_no`, `line_no`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE `order_status_history` (
  `order_no` varchar(191) NOT NULL,
  `status_at` bigint NOT NULL,
  `status` varchar(64) NOT NULL,
  `payment_status` varchar(64),
  `payment_expires_at` bigint,
  `reason` text,
  PRIMARY KEY (`order_no`, `status_at`, `status`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE `payment_observations` (
  `order_no` varchar(191) NOT NULL,
  `event_id` varchar(191) NOT NULL,
  `status` varchar(64) NOT NULL,
  `occurred_at` bigint NOT NULL,
  `source` varchar(64) NOT NULL,
  PRIMARY KEY (`order_no`, `event_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
