"""The register of 补丁包: how packages get into it, and how they are found again."""
