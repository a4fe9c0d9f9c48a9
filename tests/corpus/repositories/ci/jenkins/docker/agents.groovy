podTemplate(containers: [
  containerTemplate(name: 'gradle', image: 'gradle:8.6.0-jdk21', ttyEnabled: true),
  containerTemplate(name: 'kaniko', image: "gcr.io/kaniko-project/executor:v1.20.0-debug")
]) {
  node(POD_LABEL) { slackSend message: "image 1.0 done", image: 'icons/logo.png' }
}
