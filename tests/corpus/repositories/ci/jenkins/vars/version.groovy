def call() { return [image: "none", version: '1.2.3'] }
