CREATE TABLE `alerts` (
  `alert_id` varchar(191) NOT NULL,
  `order_no` varchar(191),
  `rule_id` varchar(64),
  `event_id` varchar(191),
  `state` varchar(64) NOT NULL,
  `observed_order_status` varchar(64),
  `observed_payment_status` varchar(64),
  `expected_order_status` varchar(64),
  `detected_at` bigint,
  `acknowledged_at` bigint,
  `acknowledged_by` varchar(191),
  `resolved_at` bigint,
  PRIMARY KEY (`alert_id`),
  KEY `alerts_by_state` (`state`, `detected_at`),
  KEY `alerts_by_order` (`order_no`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE `alert_audit` (
  `action_id` varchar(191) NOT NULL,
  `order_no` varchar(191),
  `alert_id` varchar(191),
  `rule_id` varchar(64),
  `type` varchar(64),
  `operator_id` varchar(191),
  `reason` text,
  `requested_at` bigint,
  `outcome` varchar(64),
  `detail` text,
  `ended_at` bigint,
  PRIMARY KEY (`action_id`),
  KEY `alert_audit_by_alert` (`alert_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
