import { variables } from '#kit';

const { connectionUrl } = variables;

export const projectionVariables = {
  MYSQL_URL: connectionUrl('mysql').prefault('mysql://shop:shop@127.0.0.1:13306/shop'),
};
