import { variables } from '#kit';
import { checkPassword } from './values.ts';

const { connectionUrl, flag, text } = variables;

/** What the account service is set to besides the settings of all. */
export const accountVariables = {
  MYSQL_URL: connectionUrl('mysql').prefault('mysql://shop:shop@127.0.0.1:13306/shop'),
  /** Whether accounts with a well-known password are made: two shoppers and an operator. */
  DEMO_ACCOUNTS: flag().prefault('off'),
  DEMO_PASSWORD: text('a password for an account', (value) => {
    const checked = checkPassword(value, '');
    if ('fault' in checked) throw new Error(checked.fault);
    return value;
  }).prefault('correct horse battery'),
};
