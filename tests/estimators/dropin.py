"""A pytest plugin: scikit-learn's own tests, with Ranvier's two classes in its place."""

import ranvier as rv

rv.patch_sklearn()
