// Log in, or set the first password with an invitation (the token never leaves the # part but by POST).
const WHY = {
  wrong_login: "Login or password is not right.",
  too_many_tries: "Too many tries. Please wait a quarter of an hour.",
  password_length: "The password needs 12 to 200 characters.",
  link_over: "This link was used already or is older than a week. Ask for a new one.",
};
const part = (id) => document.getElementById(id);
const invitation = location.pathname.endsWith("/join") ? location.hash.slice(1) : "";

if (location.pathname.endsWith("/join")) {
  part("title").textContent = "Welcome to the desk";
  part("about").textContent = "Choose a password of at least 12 characters.";
  part("login-label").hidden = true;
  part("password").autocomplete = "new-password";
  part("password").minLength = 12;
  part("go").textContent = "Set password";
}

part("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  part("error").hidden = true;
  const password = part("password").value;
  const joining = location.pathname.endsWith("/join");
  const body = joining ? { token: invitation, password } : { login: part("login").value, password };
  const error = await post(joining ? "join" : "login", body);
  if (!error) return location.replace("/desk");
  part("error").textContent = WHY[error] ?? "That did not work. Please try again.";
  part("error").hidden = false;
});

async function post(what, body) {
  try {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(`/desk/api/${what}`, { method: "POST", headers, body: JSON.stringify(body) });
    return answer.ok ? "" : (await answer.json()).error;
  } catch {
    return "no connection";
  }
}
