import { type Markup, markup } from "./markup.ts";
import { layout } from "./layout.ts";

/** Asks for the token; `next` is the page to show after that. */
export function loginPage(next: string, error?: string): Markup {
  const isWrong = error !== undefined;
  return layout({
    title: "Sign in",
    isBare: true,
    main: markup`<section class="card narrow" aria-labelledby="sign-in"><h1 id="sign-in">Sign in</h1>
<p>Enter the token that <code>serve</code> was started with (<code>SHEETHOOK_ADMIN_TOKEN</code>).</p>
<form method="post" action="/console/sign-in"><input type="hidden" name="next" value="${next}">
<div class="field"><label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus ${
      isWrong && markup`aria-invalid="true" aria-describedby="token-error"`
    }>
${isWrong && markup`<p class="error" id="token-error" role="alert">${error}</p>`}</div>
<p class="actions"><button class="button primary">Sign in</button></p></form></section>`,
  });
}
