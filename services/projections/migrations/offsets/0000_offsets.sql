CREATE TABLE `projection_offsets` (
  `projection` varchar(64) NOT NULL,
  `topic` varchar(249) NOT NULL,
  `partition_no` int NOT NULL,
  `next_offset` bigint NOT NULL,
  PRIMARY KEY (`projection`, `partition_no`, `topic`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
