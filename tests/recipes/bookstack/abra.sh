artisan() {
  php /app/www/artisan "$@"
}
