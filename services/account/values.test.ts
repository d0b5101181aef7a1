import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkDisplayName,
  checkEmail,
  checkPassword,
  checkRoles,
  normalEmail,
  normalPassword,
  ROLES,
  type Checked,
} from './values.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 80 });

describe('e-mail', () => {
  test.each([
    [' Hana@Example.JP ', 'hana@example.jp'],
    ['ｈａｎａ＠ｅｘａｍｐｌｅ．ｊｐ', 'hana@example.jp'],
    ['o’neil+shop@mail.example.co.uk', 'o’neil+shop@mail.example.co.uk'],
    ['花@例え.jp', '花@例え.jp'],
    ['a@b.xn--q9jyb4c', 'a@b.xn--q9jyb4c'],
  ])('%j is kept as %s', (typed, kept) => {
    expect(checkEmail(typed)).toEqual({ value: kept });
  });

  test.each([
    ['', 'is missing'],
    ['  ', 'is missing'],
    ['hana', 'is no e-mail'],
    ['hana@localhost', 'is no e-mail'],
    ['hana@@example.jp', 'is no e-mail'],
    ['ha na@example.jp', 'is no e-mail'],
    ['hana@example..jp', 'is no e-mail'],
    ['hana@-example.jp', 'is no e-mail'],
    ['Hana <hana@example.jp>', 'is no e-mail'],
    ['hana\u0000@example.jp', 'is no e-mail'],
    ['hana\ud800@example.jp', 'is no e-mail'],
    [`${'x'.repeat(65)}@example.jp`, 'is no e-mail'],
    [`x@${'y'.repeat(250)}.jp`, 'has more than 254 bytes'],
  ])('%j is refused', (typed, fault) => {
    expect(faultOf(checkEmail(typed))).toContain(fault);
  });

  test('the normal form of a normal form is itself, and spelling does not matter', () => {
    fc.assert(
      fc.property(anyText, (typed) => {
        const normal = normalEmail(typed);
        expect(normalEmail(normal)).toBe(normal);
        expect(normalEmail(` ${typed}\t`)).toBe(normal);
      }),
    );
  });

  test('what is accepted is accepted again, as it is, however it is written', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (typed) => {
        const checked = checkEmail(typed);
        if ('fault' in checked) return;
        expect(checkEmail(checked.value)).toEqual(checked);
        expect(checkEmail(typed.toUpperCase())).toEqual(checked);
      }),
    );
  });
});

describe('password', () => {
  const email = 'hanako.yamada@example.jp';

  test.each([
    ['short-one', 'has less than 10'],
    ['x1'.repeat(101), 'has more than 200'],
    [email, 'is the e-mail'],
    ['Hanako.Yamada', 'is the e-mail'],
    ['1234567890', 'is one of the most common'],
    ['PassWord123', 'is one of the most common'],
    ['aaaaaaaaaaaa', 'is one of the most common'],
    ['correct horse \ud800', 'has a broken character'],
  ])('%j is refused', (typed, fault) => {
    expect(faultOf(checkPassword(typed, email))).toContain(fault);
  });

  test('characters are counted, not their bytes', () => {
    expect(checkPassword('🐎🔋📎🪴🍵🐙🌊🗻🎏🎐', email)).toHaveProperty('value');
    expect(faultOf(checkPassword('🐎🔋📎🪴🍵', email))).toContain('less than 10');
  });

  test('space counts, and is kept', () => {
    expect(checkPassword('  eight8  ', email)).toEqual({ value: '  eight8  ' });
  });

  test('the same however a keyboard composes it', () => {
    expect(normalPassword('ﾊﾟｽﾜｰﾄﾞ')).toBe(normalPassword('パスワード'));
  });

  test('what is accepted has its normal form and is long enough', () => {
    fc.assert(
      fc.property(anyText, (typed) => {
        const checked = checkPassword(typed, email);
        if ('fault' in checked) return;
        expect(checked.value).toBe(normalPassword(checked.value));
        expect(Array.from(checked.value).length).toBeGreaterThanOrEqual(10);
      }),
    );
  });
});

describe('display name', () => {
  test('is tidied up', () => {
    expect(checkDisplayName('  Hana \n　Sato ')).toEqual({ value: 'Hana Sato' });
    expect(checkDisplayName('👩‍🚀')).toEqual({ value: '👩‍🚀' });
  });

  test.each([
    ['\t ', 'is missing'],
    ['a\u0007b', 'can not be shown'],
    ['a\u202eb', 'can not be shown'],
    ['a\udc00', 'can not be shown'],
    ['x'.repeat(61), 'has more than 60'],
  ])('%j is refused', (typed, fault) => {
    expect(faultOf(checkDisplayName(typed))).toContain(fault);
  });

  test('what is accepted is accepted again, as it is', () => {
    fc.assert(
      fc.property(anyText, (typed) => {
        const checked = checkDisplayName(typed);
        if ('value' in checked) expect(checkDisplayName(checked.value)).toEqual(checked);
      }),
    );
  });
});

test('roles: known ones, each once, in one order', () => {
  expect(checkRoles(['operator', 'shopper', 'operator'])).toEqual({ value: [...ROLES] });
  expect(faultOf(checkRoles(['admin']))).toContain('has admin');
  expect(faultOf(checkRoles([]))).toBe('is empty');
});

function faultOf(checked: Checked<unknown>): string {
  return 'fault' in checked ? checked.fault : 'none';
}
