// {trees, texts, envs, jobs: [[tree, env, off], …]} -> {results: [{json, steps, problem}, …], rules, nodes, functions, budget}.
// `texts` are trees in JSON text, by place, for those too deep for other writers. The same function runs in Node and in Chromium.
(given) => {
  const { measure, rules, names, STEPS } = globalThis.Carework.expressions;
  const trees = given.trees.map((tree, at) => Object.hasOwn(given.texts, at) ? JSON.parse(given.texts[at]) : tree);

  // What JSON cannot say is told apart from null.
  function said(value) {
    if (value === undefined || typeof value === "number" && !Number.isFinite(value)) return { odd: String(value) };
    return Array.isArray(value) ? value.map(said) : value;
  }

  const results = given.jobs.map(([tree, env, off]) => {
    const { value, steps, problem } = measure(trees[tree], given.envs[env], { off });
    return { json: said(value), steps, problem };
  });
  return { results, rules: rules.names, ...names, budget: STEPS };
};
