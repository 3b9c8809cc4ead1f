# Nothing of this recipe is versioned yet.
