import type { Component, ComponentDefinition } from '../types.ts';
import { elasticsearch } from './elasticsearch.ts';
import { kafka } from './kafka.ts';
import { mysql } from './mysql.ts';
import { redis } from './redis.ts';
import { registry } from './registry.ts';

export const definitions: Readonly<Record<Component, ComponentDefinition>> = {
  kafka,
  registry,
  mysql,
  redis,
  elasticsearch,
};
