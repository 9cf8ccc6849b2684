"""A pytest plugin: scikit-learn's own tests with Ranvier's two classes."""

import ranvier as rv

rv.patch_sklearn()
