import { variables } from '#kit';

/** What the search indexer is set to besides the settings of all. */
export const indexerVariables = {
  ELASTICSEARCH_URL: variables.httpUrl().prefault('http://127.0.0.1:19200'),
};
