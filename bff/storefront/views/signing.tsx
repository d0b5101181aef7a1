/** Signing in and up: what is wrong is said beside the field, and what was typed stays (but for the password). */
import type { ComponentChildren } from 'preact';
import type { Words } from '../../web/i18n.ts';
import { useWords } from '../../web/i18n.ts';
import { useShell } from '../../web/page-context.tsx';
import type { SignInFault, SignUpFault, SignUpField, StorePages } from '../pages.ts';

const words: Words<{
  signIn: string;
  signUp: string;
  email: string;
  password: string;
  displayName: string;
  nameHint: string;
  passwordHint: string;
  noAccount: string;
  haveAccount: string;
  cartKept: string;
  faults: Readonly<Record<SignInFault, string>>;
  fieldFaults: Readonly<Record<SignUpField, Readonly<Record<SignUpFault, string>>>>;
}> = {
  ja: {
    signIn: 'ログイン',
    signUp: '新規登録',
    email: 'メールアドレス',
    password: 'パスワード',
    displayName: 'お名前',
    nameHint: 'ニックネームでもかまいません。',
    passwordHint: '10文字以上。推測されにくいものにしてください。',
    noAccount: 'はじめての方は',
    haveAccount: '登録がお済みの方は',
    cartKept: 'ログイン後も、カートの中身はそのまま残ります。',
    faults: {
      wrong: 'メールアドレスかパスワードが違います。もう一度入力してください。',
      'too-often': '何度も間違えたため、しばらくログインできません。数分後にお試しください。',
      again: '時間が経ったため、送信できませんでした。もう一度入力してください。',
    },
    fieldFaults: {
      email: {
        missing: 'メールアドレスを入力してください。',
        odd: 'hana@example.jp のような形で入力してください。',
        taken: 'このメールアドレスは登録済みです。ログインしてください。',
      },
      password: {
        missing: 'パスワードを入力してください。',
        odd: '10文字以上200文字以内で、よくあるパスワードやメールアドレス以外にしてください。',
        taken: '別のパスワードにしてください。',
      },
      displayName: {
        missing: 'お名前を入力してください。',
        odd: '60文字以内で入力してください。',
        taken: '別のお名前にしてください。',
      },
    },
  },
  en: {
    signIn: 'Sign in',
    signUp: 'Create an account',
    email: 'E-mail',
    password: 'Password',
    displayName: 'Your name',
    nameHint: 'A nickname is fine.',
    passwordHint: 'At least 10 characters that nobody can guess.',
    noAccount: 'New here?',
    haveAccount: 'Have an account?',
    cartKept: 'What is in your cart stays there.',
    faults: {
      wrong: 'That e-mail and password don’t match. Please try again.',
      'too-often': 'Too many attempts. Please wait a few minutes, then try again.',
      again: 'This page was open for too long. Please try again.',
    },
    fieldFaults: {
      email: {
        missing: 'Please enter your e-mail address.',
        odd: 'Please enter an address such as hana@example.jp.',
        taken: 'There is an account with this address. Please sign in.',
      },
      password: {
        missing: 'Please choose a password.',
        odd: '10 to 200 characters, no well-known password, and not your e-mail address.',
        taken: 'Please choose another password.',
      },
      displayName: {
        missing: 'Please tell us your name.',
        odd: 'At most 60 characters, please.',
        taken: 'Please choose another name.',
      },
    },
  },
};

export function SignIn({ next, email, fault }: StorePages['sign-in']) {
  const say = useWords(words);
  return (
    <Panel title={say.signIn} fault={fault} next={next} action="/sign-in">
      <Field name="email" type="email" label={say.email} value={email} autoComplete="username" />
      <Field
        name="password"
        type="password"
        label={say.password}
        autoComplete="current-password"
        fault={fault === 'wrong' ? say.faults.wrong : undefined}
      />
      <button class="button button-primary">{say.signIn}</button>
      <p class="small">
        {say.noAccount} <a href={`/sign-up?next=${encodeURIComponent(next)}`}>{say.signUp}</a>
      </p>
    </Panel>
  );
}

export function SignUp({ next, email, displayName, faults, fault }: StorePages['sign-up']) {
  const say = useWords(words);
  const faultOf = (field: SignUpField) => {
    const kind = faults[field];
    return kind === undefined ? undefined : say.fieldFaults[field][kind];
  };
  const signIn = `/sign-in?next=${encodeURIComponent(next)}`;
  return (
    <Panel title={say.signUp} fault={fault} next={next} action="/sign-up">
      <Field
        name="displayName"
        type="text"
        label={say.displayName}
        hint={say.nameHint}
        value={displayName}
        autoComplete="nickname"
        fault={faultOf('displayName')}
      />
      <Field
        name="email"
        type="email"
        label={say.email}
        value={email}
        autoComplete="username"
        fault={faultOf('email')}
      />
      <Field
        name="password"
        type="password"
        label={say.password}
        hint={say.passwordHint}
        autoComplete="new-password"
        fault={faultOf('password')}
      />
      <button class="button button-primary">{say.signUp}</button>
      <p class="small">
        {say.haveAccount} <a href={signIn}>{say.signIn}</a>
      </p>
    </Panel>
  );
}

function Panel({
  title,
  fault,
  next,
  action,
  children,
}: {
  title: string;
  fault: SignInFault | null;
  next: string;
  action: string;
  children: ComponentChildren;
}) {
  const say = useWords(words);
  const { session } = useShell();
  return (
    <div class="page-width narrow">
      <h1 class="page-title">{title}</h1>
      {(session?.cartItems ?? 0) > 0 && <p class="soft small">{say.cartKept}</p>}
      {fault !== null && fault !== 'wrong' && (
        <p class="note note-bad" role="alert">
          <span aria-hidden="true">!</span>
          <span>{say.faults[fault]}</span>
        </p>
      )}
      <form method="post" action={action} class="fields card" noValidate>
        <input type="hidden" name="csrf" value={session?.csrfToken ?? ''} />
        <input type="hidden" name="next" value={next} />
        {children}
      </form>
    </div>
  );
}

function Field(field: {
  name: string;
  type: 'email' | 'password' | 'text';
  label: string;
  hint?: string;
  value?: string;
  autoComplete: string;
  fault?: string | undefined;
}) {
  const { name, fault, hint } = field;
  const described = [
    ...(hint === undefined ? [] : [`${name}-hint`]),
    ...(fault === undefined ? [] : [`${name}-fault`]),
  ];
  return (
    <div class="field">
      <label for={name}>{field.label}</label>
      {hint !== undefined && (
        <span id={`${name}-hint`} class="small soft">
          {hint}
        </span>
      )}
      <input
        class="input"
        id={name}
        name={name}
        {...inputOf(field.type)}
        value={field.value}
        autoComplete={field.autoComplete}
        autoFocus={fault !== undefined}
        required
        aria-invalid={fault !== undefined || undefined}
        aria-describedby={described.length === 0 ? undefined : described.join(' ')}
      />
      {fault !== undefined && (
        <span id={`${name}-fault`} class="field-fault small">
          ! {fault}
        </span>
      )}
    </div>
  );
}

/** The types of JSX want to know which kind of input it is; to all three the same applies. */
function inputOf(type: 'email' | 'password' | 'text') {
  return { type } as { type: 'text' };
}
