"""What scripts/browser and scripts/screenshots share: Chromium over WebDriver, a network of real nodes, and the checks."""
